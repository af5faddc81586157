"""The unit under a real user manager: it starts, is watched, comes back, stops, goes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.ship.ready import ready_checkout

WITHIN_S = 90.0  # two busy cores
PROGRAMS = (Path("/usr/lib/systemd/systemd"), Path("/lib/systemd/systemd"))
UNIT = "edge-matting.service"
QUICK = "[Service]\nWatchdogSec=6\nRestartSec=0\n"


class Manager:
    """A user manager in a namespace of its own, with its home in ``folder``."""

    def __init__(self, folder: Path, program: Path) -> None:
        self.home = folder / "home"
        runtime = folder / "runtime"
        self.home.mkdir()
        runtime.mkdir(mode=0o700)
        tools = folder / "bin"
        tools.mkdir()
        (tools / "loginctl").symlink_to("/bin/false")  # a real one would change this machine
        self._env = {
            "PATH": f"{tools}:{os.environ['PATH']}",
            "HOME": str(self.home),
            "XDG_RUNTIME_DIR": str(runtime),
        }
        self._process = subprocess.Popen(
            ["unshare", "--mount", "bash", str(Path(__file__).with_name("manager.sh")), program],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=self._env,
        )

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A command, as this manager's user."""
        inside = ["nsenter", "--target", str(self._process.pid), "--mount", "--wd=/"]
        return subprocess.run([*inside, *words], capture_output=True, text=True, env=self._env)

    def runs(self) -> bool:
        """Whether it has come up; skips the test if it cannot here."""
        if self._process.poll() is not None:
            assert self._process.stderr is not None
            pytest.skip(f"no user manager can be had here: {self._process.stderr.read()[-200:]}")
        return self.run("systemctl", "--user", "is-system-running").stdout.strip() == "running"

    def show(self, name: str) -> str:
        """A property of the unit."""
        return self.run("systemctl", "--user", "show", "--value", "-p", name, UNIT).stdout.strip()

    def close(self) -> None:
        """End it, and what it runs."""
        self._process.communicate(timeout=30)


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[Manager]:
    program = next((each for each in PROGRAMS if each.exists()), None)
    if program is None or shutil.which("unshare") is None or shutil.which("nsenter") is None:
        pytest.skip("systemd or unshare is not installed")
    if os.geteuid() != 0:
        pytest.skip("a namespace for a user manager is made by root")
    made = Manager(tmp_path, program)
    try:
        eventually(made.runs)
        yield made
    finally:
        made.close()


def eventually(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < deadline, f"not within {WITHIN_S} s: {holds}"
        time.sleep(0.2)


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_service_lives_under_systemd(manager: Manager, tmp_path: Path) -> None:
    script = str(ready_checkout(tmp_path / "check out"))
    quick = manager.home / ".config" / "systemd" / "user" / f"{UNIT}.d" / "quick.conf"
    quick.parent.mkdir(parents=True)
    quick.write_text(QUICK)
    listen = f"127.0.0.1:{free_port()}"
    service = ["--source", "presenter:?size=320x180", "--matting", "constant:0"]

    done = manager.run(script, "--install", "--user", *service, "--listen", listen)
    assert done.returncode == 0, done.stderr
    assert manager.show("ActiveState") == "active"
    assert "sudo loginctl enable-linger" in done.stderr
    eventually(lambda: manager.show("StatusText") == "live")
    with urllib.request.urlopen(f"http://{listen}/healthz", timeout=WITHIN_S) as answer:
        assert json.load(answer)["status"] == "ok"

    # One that hangs is ended and started anew, and so is one that died.
    for blow in (signal.SIGSTOP, signal.SIGKILL):
        before = manager.show("MainPID")
        restarts = int(manager.show("NRestarts"))
        os.kill(int(before), blow)
        eventually(lambda seen=restarts: int(manager.show("NRestarts")) > seen)
        eventually(lambda: manager.show("StatusText") == "live")
        assert manager.show("MainPID") not in (before, "0")

    assert manager.run("systemctl", "--user", "stop", UNIT).returncode == 0
    assert manager.show("Result") == "success"
    assert manager.show("ExecMainStatus") == "0"

    done = manager.run(script, "--uninstall", "--user")
    assert done.returncode == 0, done.stderr
    assert manager.show("LoadState") == "not-found"
    assert str(manager.home / ".local" / "state" / "edge-matting") in done.stderr


@pytest.mark.slow
def test_nothing_is_installed_with_settings_that_are_refused(
    manager: Manager, tmp_path: Path
) -> None:
    script = str(ready_checkout(tmp_path / "check out"))
    done = manager.run(script, "--install", "--user", "--listen", "nowhere")
    assert done.returncode == 1
    assert "wanted ADDRESS:PORT" in done.stderr
    assert "nothing was installed" in done.stderr.splitlines()[-1]
    assert manager.show("LoadState") == "not-found"
