"""Asking what may crash or hang, in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import edge

TIMEOUT_S = 20.0
CHECKOUT = Path(edge.__file__).resolve().parents[1]  # where "-m edge..." is found, in any case


@dataclass(frozen=True, slots=True)
class Answer:
    """What a probe told, or why it told nothing."""

    value: Any = None
    error: str = ""


def ask(probe: str, *arguments: str, timeout_s: float = TIMEOUT_S) -> Answer:
    """
    Run one of ``edge.doctor.checks.probes`` in a child process.

    Returns:
        Its value; or an error that says how it failed, in a line: its own exception, the signal
        that ended it, or the time-out.
    """
    command = [sys.executable, "-m", "edge.doctor.checks.probes", probe, *arguments]
    try:
        done = subprocess.run(
            command,
            cwd=CHECKOUT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=timeout_s,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
    except subprocess.TimeoutExpired:
        return Answer(error=f"no answer within {timeout_s:g} s")
    except OSError as error:
        return Answer(error=f"cannot be asked: {error}")
    if done.returncode < 0:
        return Answer(error=f"crashed ({_signal_name(-done.returncode)})")
    try:
        # Libraries write to standard output as they like: the answer is its last line.
        value = json.loads(done.stdout.decode().strip().rpartition("\n")[2])
    except ValueError:
        return Answer(error=_last_line(done.stderr) or f"ended with status {done.returncode}")
    if done.returncode != 0:
        return Answer(error=str(value))
    return Answer(value)


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _last_line(text: bytes) -> str:
    return text.decode(errors="replace").strip().rpartition("\n")[2]
