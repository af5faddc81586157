"""A run killed at a random moment and resumed ends with the same weights as an unbroken one."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from tests.unit.train.small import SMALL

ROOT = Path(__file__).resolve().parents[3]
STEPS = 8
CONFIG = f"""{SMALL}
steps = {STEPS}
epoch = 3
warm_up = 2
precision = "bf16"
workers = 1
"""


def started(config: Path, out: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "EDGE_TRAIN_CACHE": str(config.parent), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "train", "fit", str(config), "--output", str(out)]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def finished(process: subprocess.Popen[bytes]) -> None:
    _, said = process.communicate(timeout=110)
    assert process.returncode == 0, said.decode()


def killed_once_it_works(process: subprocess.Popen[bytes], out: Path) -> None:
    """SIGKILL to the run and its workers, at some moment after its first checkpoint."""
    try:
        while not (out / "last.pt").exists() and process.poll() is None:
            time.sleep(0.02)
        time.sleep(random.uniform(0, 0.7))
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def reached(out: Path) -> int:
    return int(torch.load(out / "last.pt", weights_only=True)["state"]["step"])


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_killed_run_ends_with_the_weights_of_an_unbroken_one(people: Path) -> None:
    config = people.parent / "run.toml"
    config.write_text(CONFIG)
    whole, broken = people.parent / "whole", people.parent / "broken"
    finished(started(config, whole))
    killed_once_it_works(started(config, broken), broken)
    assert 1 <= reached(broken) <= STEPS
    finished(started(config, broken))
    for name in ("last.pt", "best.pt"):
        ours, theirs = (torch.load(out / name, weights_only=True) for out in (broken, whole))
        for part in ("state_dict", "fitted"):
            assert ours[part].keys() == theirs[part].keys()
            assert all(torch.equal(ours[part][key], theirs[part][key]) for key in ours[part])
        assert ours["state"]["best"] == theirs["state"]["best"]
    assert (broken / "validations.csv").read_text() == (whole / "validations.csv").read_text()
