"""A build that is told to end does so, and leaves nothing."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from convert.tensorrt.cancel import interruptible, signals_raise
from tests.unit.tensorrt.samples import onnx_file

ROOT = Path(__file__).resolve().parents[3]


@contextmanager
def building(how: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    """A build that has begun."""
    arguments = ["--onnx", str(onnx_file(folder)), "--cache-dir", str(folder / "cache")]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.unit.tensorrt.slow_build", how, *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if "deaf" in line or (how == "asks" and '"progress": 0.0}' not in line):
                break
        else:
            pytest.fail(f"it ended before it began: {process.communicate()[1]}")
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("how", ["asks", "deaf"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_nothing_written(
    how: str, number: signal.Signals, tmp_path: Path
) -> None:
    with building(how, tmp_path) as process:
        process.send_signal(number)
        said = process.communicate(timeout=60)[1]
    assert process.returncode == 128 + number
    assert said == f"convert tensorrt: cancelled by {number.name}: nothing was written\n"
    names = {path.name for path in (tmp_path / "cache" / "engines").iterdir()}
    assert names == {".small.lock"}


def test_a_killed_one_does_not_block_the_next(tmp_path: Path) -> None:
    with building("asks", tmp_path) as process:
        process.kill()
        process.wait(60)
    with building("asks", tmp_path):
        pass  # it has begun


def test_what_the_work_raises_is_raised() -> None:
    def fail() -> None:
        raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        interruptible(fail, threading.Event())
    assert interruptible(lambda: 3, threading.Event()) == 3


def test_signals_are_as_before_afterwards() -> None:
    before = signal.getsignal(signal.SIGTERM)
    with signals_raise():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before
    raised: list[BaseException] = []

    def elsewhere() -> None:
        try:
            with signals_raise():
                pass
        except BaseException as error:  # noqa: BLE001 - shown by the test
            raised.append(error)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert raised == []
