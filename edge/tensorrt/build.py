"""Building an engine beside the service: ``python -m convert tensorrt`` as a child process."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
import weakref
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

import edge

logger = logging.getLogger(__name__)

CHECKOUT = Path(edge.__file__).resolve().parents[1]  # where "-m convert" is found, in any case
END_S = 10.0  # a child that was told to end is killed after so long
LINES = 5  # of what a failed child said, to be shown


class Build:
    """
    One child process, from the start. It is ended when this is no longer referred to.

    Args:
        arguments: for ``python -m convert tensorrt``.
        done: called in a thread of its own once it has ended: None, or why it failed. Not called
            when it was cancelled.

    Attributes:
        progress: in [0, 1].
    """

    def __init__(self, arguments: Sequence[str], done: Callable[[str | None], None]) -> None:
        self.progress = 0.0
        self._cancelled = threading.Event()
        command = [sys.executable, "-m", "convert", "tensorrt", *arguments, "--progress", "json"]
        logger.info("building an engine: %s", " ".join(command[1:]))
        self._process = subprocess.Popen(
            command,
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self.cancel = weakref.finalize(self, _end, self._process, self._cancelled)
        watch = _Watch(weakref.ref(self), self._process, self._cancelled, done)
        threading.Thread(target=watch.run, name="engine-build", daemon=True).start()


class _Watch:
    """Reads what the child says. Holds its Build weakly, so that an unwanted one can go."""

    def __init__(
        self,
        build: weakref.ref[Build],
        process: subprocess.Popen[str],
        cancelled: threading.Event,
        done: Callable[[str | None], None],
    ) -> None:
        self._build, self._process = build, process
        self._cancelled, self._done = cancelled, done
        self._said: deque[str] = deque(maxlen=LINES)

    def run(self) -> None:
        if self._process.stdout is not None:
            self._read(self._process.stdout)
        status = self._process.wait()
        if self._cancelled.is_set():
            return
        self._done(None if status == 0 else self._reason(status))

    def _read(self, output: IO[str]) -> None:
        for line in output:
            progress = _progress(line)
            if progress is None:
                self._said.append(line.strip())
            else:
                self._tell(progress)

    def _tell(self, progress: float) -> None:
        build = self._build()  # referred to no longer than this, not while the child is silent
        if build is not None:
            build.progress = progress

    def _reason(self, status: int) -> str:
        ended = f"was killed by signal {-status}" if status < 0 else f"ended with status {status}"
        return " ".join(filter(None, self._said)) or f"the build {ended}"


def _progress(line: str) -> float | None:
    """Of a line such as {"progress": 0.5}; None for what else a child says."""
    try:
        said = json.loads(line)
        return min(1.0, max(0.0, float(said["progress"])))
    except (ValueError, TypeError, KeyError):
        return None


def _end(process: subprocess.Popen[str], cancelled: threading.Event) -> None:
    """Tell the child to end, and see to it without keeping anybody waiting."""
    cancelled.set()
    if process.poll() is not None:
        return
    process.terminate()

    def see_to_it() -> None:
        with suppress(subprocess.TimeoutExpired):
            process.wait(END_S)
            return
        process.kill()
        process.wait()

    if threading.main_thread().is_alive():
        threading.Thread(target=see_to_it, name="engine-build-end").start()
    else:  # the process is ending, and starts no threads any more
        see_to_it()
