"""The real service as a child process, as whoever runs it starts it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
START_S = 60  # two busy cores import slowly
LINK = re.compile(r"^Open (https?://\S+)$", re.MULTILINE)


class Service:
    """
    ``python -m edge serve`` with a state folder of its own.

    Args:
        state: the state folder; it outlives a restart.
        arguments: command-line arguments. Unless they say where to listen, on a free port of
            127.0.0.1.
        within: a command that runs the service, and becomes it.

    Attributes:
        link: as it was printed, token included.
    """

    def __init__(self, state: Path, *arguments: str, within: Sequence[str] = ()) -> None:
        self._within = within
        self._state = state
        self._arguments = list(arguments)
        if "--listen" not in arguments:
            self._arguments += ["--listen", "127.0.0.1:0"]
        self._output: list[str] = []
        self._process: subprocess.Popen[str] | None = None
        self.link = ""

    @property
    def url(self) -> str:
        """The page's address, without a token."""
        return self.link.partition("#")[0]

    @property
    def output(self) -> str:
        """All it has said so far."""
        return "".join(self._output)

    def start(self) -> Service:
        """Start it and wait until it listens. Raises RuntimeError with its output if not."""
        command = [sys.executable, "-m", "edge", "serve", "--state-dir", str(self._state)]
        said = len(self._output)
        self._process = subprocess.Popen(
            [*self._within, *command, *self._arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, args=(self._process,), daemon=True).start()
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline and self._process.poll() is None:
            found = LINK.search("".join(self._output[said:]))
            if found:
                self.link = found[1]
                return self
            time.sleep(0.05)
        self.stop()
        raise RuntimeError(f"the service did not start:\n{self.output}")

    def stop(self) -> int:
        """End it as systemd would, and give its exit status."""
        if self._process is None:
            return 0
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()
        finally:
            self._process = None

    @property
    def pid(self) -> int:
        """Its process. Raises RuntimeError while it does not run."""
        if self._process is None:
            raise RuntimeError("the service does not run")
        return self._process.pid

    def kill(self) -> None:
        """End it in the middle of whatever it does, as a cut of power would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def restart(self) -> None:
        """Stop it, and start it again on the same port."""
        port = urlsplit(self.link).port
        self.stop()
        where = self._arguments.index("--listen") + 1
        host = self._arguments[where].rpartition(":")[0]
        self._arguments[where] = f"{host}:{port}"
        self.start()

    def get(self, path: str) -> Any:
        """The JSON at ``path``. Blocks: from a test on the loop, through ``asyncio.to_thread``."""
        with urllib.request.urlopen(self.url + path.lstrip("/"), timeout=20) as answer:
            return json.load(answer)

    def patch(self, **change: object) -> Any:
        """Change the state as another page would. Blocks."""
        request = urllib.request.Request(
            f"{self.url}api/state",
            json.dumps(change).encode(),
            {"Content-Type": "application/json"},
            method="PATCH",
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def _read(self, process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            self._output.append(line)
