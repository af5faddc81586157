"""The build beside the service: a child process that tells how far it is and can be ended."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from queue import Queue

import pytest

from edge.tensorrt import build
from edge.tensorrt.build import Build

PATIENCE_S = 60.0
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Writes the program that runs as ``python -m convert``."""
    monkeypatch.setattr(build, "CHECKOUT", tmp_path)

    def write(program: str) -> None:
        folder = tmp_path / "convert"
        folder.mkdir(exist_ok=True)
        (folder / "__init__.py").touch()  # else the checkout's own convert would be found first
        lines = ["import sys, time", "from pathlib import Path", program]
        (folder / "__main__.py").write_text("\n".join(lines))

    return write


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it never came to pass"
        time.sleep(0.01)


def test_it_runs_the_command_and_says_when_it_is_done(
    child: Callable[[str], None], tmp_path: Path
) -> None:
    child(f"Path({str(tmp_path / 'seen')!r}).write_text(' '.join(sys.argv[1:]))")
    done: Queue[str | None] = Queue()
    kept = Build(["--model", "u2netp"], done.put)
    assert done.get(timeout=PATIENCE_S) is None
    assert (tmp_path / "seen").read_text() == "tensorrt --model u2netp --progress json"
    assert kept.progress == 0


def test_progress_is_read_from_its_lines(child: Callable[[str], None], tmp_path: Path) -> None:
    stop = tmp_path / "stop"
    child(
        'print("a library says hello", flush=True)\n'
        "print('{\"progress\": 0.5}', flush=True)\n"
        f"while not Path({str(stop)!r}).exists(): time.sleep(0.01)\n"
        "print('{\"progress\": 7}', flush=True)"
    )
    done: Queue[str | None] = Queue()
    running = Build([], done.put)
    until(lambda: running.progress == 0.5)
    stop.touch()
    assert done.get(timeout=PATIENCE_S) is None
    assert running.progress == 1.0


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        ('print("convert tensorrt: no NVIDIA GPU", file=sys.stderr); sys.exit(1)', "no NVIDIA GPU"),
        ("sys.exit(3)", "the build ended with status 3"),
        ("import os; os.kill(os.getpid(), 9)", "the build was killed by signal 9"),
        ("import no_such_package", "No module named 'no_such_package'"),
    ],
)
def test_a_failure_is_told_in_its_own_words(
    child: Callable[[str], None], program: str, reason: str
) -> None:
    child(program)
    done: Queue[str | None] = Queue()
    running = Build([], done.put)
    assert reason in (done.get(timeout=PATIENCE_S) or "")
    assert running.progress == 0


@pytest.mark.parametrize("deaf", [False, True])
def test_a_build_that_nobody_wants_any_more_is_ended(
    child: Callable[[str], None],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    deaf: bool,
) -> None:
    monkeypatch.setattr(build, "END_S", 0.2)
    ignore = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" if deaf else ""
    child(ignore + "print('{\"progress\": 0.5}', flush=True)\ntime.sleep(1000)")
    done: Queue[str | None] = Queue()
    held = [Build([], done.put)]
    process = held[0]._process
    until(lambda: held[0].progress == 0.5)
    held.clear()
    gc.collect()
    process.wait(PATIENCE_S)
    assert process.returncode == (-9 if deaf else -15)
    time.sleep(0.05)
    assert done.empty()  # it was cancelled, and did not fail


def test_a_service_that_ends_leaves_no_build_behind(
    child: Callable[[str], None], tmp_path: Path
) -> None:
    number = tmp_path / "number"
    child(
        "import os, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"Path({str(number)!r}).write_text(str(os.getpid()))\n"
        "print('{\"progress\": 0.5}', flush=True)\ntime.sleep(1000)"
    )
    service = (
        "import sys, time; from pathlib import Path; from edge.tensorrt import build\n"
        f"build.CHECKOUT = Path({str(tmp_path)!r}); build.END_S = 0.2\n"
        "running = build.Build([], print)\n"
        "while running.progress != 0.5: time.sleep(0.01)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", service], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with pytest.raises(ProcessLookupError):
        os.kill(int(number.read_text()), 0)


def test_a_python_that_cannot_be_started_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(OSError, match="No such file"):
        Build([], lambda reason: None)
