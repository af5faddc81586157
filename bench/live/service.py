"""A service in a process of its own: started, asked for its figures, ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.live.usage import Usage, usage
from edge.errors import InputError

START_S = 180.0  # a first start may compile the model
STOP_S = 10.0
SETTLE_S = 90.0
POLL_S, SLOW_POLL_S = 0.02, 0.3
UNSETTLED = ("to begin with", "trying what else this machine can run")  # of a model's note
KEPT = ("EDGE_CACHE_DIR", "EDGE_MODELS_DIR")  # other EDGE_* settings are not what is measured
ROOT = Path(__file__).resolve().parents[2]


class Service:
    """
    Runs from entering to leaving the ``with`` block.

    Args:
        module: what to run, such as ``edge`` or ``bench.live.plain``. It must take ``--listen`` and
            print a line that begins with ``Open http://``.
        flags: for it, without ``--listen`` and ``--state-dir``.
        python: further words for the interpreter, such as ``-X importtime``.

    Attributes:
        begun_ns: on the monotonic clock, when the process was started.
        listening_ns: when it said where it listens.
        url: where it listens, without a slash at the end.
    """

    def __init__(
        self, module: str, flags: Sequence[str], python: Sequence[str] = (), state: bool = True
    ) -> None:
        self._room = tempfile.TemporaryDirectory(prefix="bench-")
        self.log = Path(self._room.name) / "log"
        kept = ["--state-dir", str(Path(self._room.name) / "state")] if state else []
        self._command = [
            *(sys.executable, *python, "-m", module, *flags),
            *("--listen", "127.0.0.1:0", *kept),
        ]
        self.url = ""
        self.begun_ns = self.listening_ns = 0

    def __enter__(self) -> Service:
        """
        Raises:
            InputError: it does not start; the message has its last words.
        """
        with self.log.open("w") as log:
            self.begun_ns = time.monotonic_ns()
            self._process = subprocess.Popen(
                self._command,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=_environment(),
                cwd=ROOT,
            )
        try:
            self._await_link()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._room.cleanup()

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def state(self) -> dict[str, Any]:
        """``GET /api/state``. Raises InputError when it is gone."""
        return self._get("/api/state")

    def change(self, wanted: Mapping[str, Any]) -> None:
        """``PATCH /api/state``. Raises InputError when it is refused, or the service is gone."""
        self._ask(
            urllib.request.Request(
                f"{self.url}/api/state",
                json.dumps(wanted).encode(),
                {"Content-Type": "application/json"},
                method="PATCH",
            )
        )

    def figures(self) -> dict[str, Any]:
        """``GET /api/stats``. Raises InputError when it is gone."""
        return self._get("/api/stats")

    def usage(self) -> Usage:
        """What it has used so far. Raises InputError when it is gone."""
        return usage(self._process.pid)

    def await_composites(self, within_s: float = START_S) -> int:
        """
        Wait for the first matted picture.

        Returns:
            When it was seen, on the monotonic clock in ns.

        Raises:
            InputError: none came in that time.
        """
        until_s = time.monotonic() + within_s
        while time.monotonic() < until_s:
            figures = self.figures()
            if figures["composited"]:
                return time.monotonic_ns()
            time.sleep(POLL_S)
        raise InputError(f"no matted picture within {within_s:.0f} s: {figures['slate']}")

    def settled(self, within_s: float = SETTLE_S) -> dict[str, Any]:
        """
        Wait until it is no longer trying out models (``auto:``), or until the time is over.

        Returns:
            ``model`` of ``GET /api/state``: id, label, and the note that says what runs and why.

        Raises:
            InputError: it is gone.
        """
        until_s = time.monotonic() + within_s
        while True:
            model: dict[str, Any] = self.state()["model"]
            if time.monotonic() > until_s or not str(model["note"]).endswith(UNSETTLED):
                return model
            time.sleep(SLOW_POLL_S)

    def _await_link(self) -> None:
        overdue = threading.Timer(START_S, self._process.kill)
        overdue.start()
        try:
            for line in self._process.stdout or ():
                if line.startswith("Open http://"):
                    self.listening_ns = time.monotonic_ns()
                    self.url = line.split()[1].rstrip("/")
                    return
        finally:
            overdue.cancel()
        raise InputError(f"{' '.join(self._command[1:5])} ... did not start: {self._last_words()}")

    def _get(self, path: str) -> dict[str, Any]:
        return self._ask(urllib.request.Request(self.url + path))

    def _ask(self, request: urllib.request.Request) -> dict[str, Any]:
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                found: dict[str, Any] = json.load(answer)
        except OSError as error:
            raise InputError(f"{request.full_url}: {error}; {self._last_words()}") from error
        return found

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return " / ".join(lines[-3:]) or "it said nothing"


def _environment() -> dict[str, str]:
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("EDGE_") or name in KEPT
    }
