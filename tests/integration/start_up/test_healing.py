"""Environments that are broken, half made, foreign or out of date."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.integration.start_up.checkout import Checkout, wait_for


def test_a_start_killed_in_the_middle_is_made_good(checkout: Checkout, tmp_path: Path) -> None:
    with checkout.start(FAKE_HOLD=str(tmp_path / "never")) as process:
        wait_for(lambda: "pip" in checkout.calls_file.read_text())
        os.killpg(process.pid, signal.SIGKILL)
    checkout.calls()
    (checkout.environment / "left over").touch()
    assert checkout.run().returncode == 0
    assert [call.split()[0] for call in checkout.calls()] == ["venv", "pip"]
    assert not (checkout.environment / "left over").exists()


@pytest.mark.parametrize("lost", ["bin/python", "lib/python3.11/site-packages/one", "edge-locks"])
def test_an_environment_that_lost_a_part_is_made_good(started: Checkout, lost: str) -> None:
    path = started.environment / lost
    path.unlink() if path.is_file() else shutil.rmtree(path)
    assert started.run().returncode == 0
    assert started.calls()[-1].startswith("pip install")
    assert (started.site / "one").is_dir()
    assert started.run().returncode == 0
    assert started.calls() == []


def test_what_a_user_added_is_left_alone(started: Checkout) -> None:
    (started.site / "openvino").mkdir()
    assert started.run().returncode == 0
    assert started.calls() == []
    assert (started.site / "openvino").is_dir()


def test_a_new_lock_is_installed_into_the_same_environment(started: Checkout) -> None:
    with (started.root / "locks" / "cpu-py311.txt").open("a") as lock:
        lock.write("# changed\n")
    assert started.run().returncode == 0
    assert [call.split()[0] for call in started.calls()] == ["pip"]


def test_another_python_makes_the_environment_anew(started: Checkout) -> None:
    shutil.rmtree(started.environment / "bin")
    assert started.run(FAKE_PROBE="3.12 True glibc True").returncode == 0
    made, installed = started.calls()
    assert made == "venv"
    assert installed.endswith("cpu-py312.txt")


def test_an_environment_of_the_users_own_is_added_to(checkout: Checkout) -> None:
    own = ["-I", "-m", "venv", str(checkout.environment)]
    subprocess.run([checkout.bin / "python3.11", *own], env=checkout.variables({}), check=True)
    (checkout.environment / "mine").touch()
    checkout.calls()
    assert checkout.run().returncode == 0
    assert [call.split()[0] for call in checkout.calls()] == ["pip"]
    assert (checkout.environment / "mine").exists()


def test_a_moved_checkout_needs_no_network(started: Checkout) -> None:
    started.root = started.root.rename(started.root.with_name("moved"))
    assert started.run(FAKE_PIP="no network").returncode == 0
    assert started.calls() == []
    assert (started.site / "edge-checkout.pth").read_text() == f"{started.root}\n"


def test_a_folder_that_holds_other_things_is_never_removed(checkout: Checkout) -> None:
    (checkout.home / "precious").touch()
    assert "holds other things" in checkout.refusal(EDGE_VENV=str(checkout.home))
    assert (checkout.home / "precious").exists()


def test_the_environment_can_be_elsewhere(checkout: Checkout, tmp_path: Path) -> None:
    elsewhere = tmp_path / "else" / "where"
    assert checkout.run(EDGE_VENV=str(elsewhere)).returncode == 0
    assert not checkout.environment.exists()
    assert (elsewhere / "bin" / "python").exists()


def test_the_gpu_runtime_has_an_environment_of_its_own(started: Checkout) -> None:
    started.add_tool("uname", '#!/bin/sh\n[ "$1" = -m ] && echo x86_64 || echo Linux\n')
    assert started.run(EDGE_RUNTIME="gpu").returncode == 0
    assert started.calls()[-1].endswith("gpu-py311.txt")
    assert started.run().returncode == 0
    assert started.calls() == []
