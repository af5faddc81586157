"""How far a build has come: from TensorRT's monitor to a line for people or for a program."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Literal, TypeAlias

Report: TypeAlias = Callable[[float], None]  # takes the part that is done, in [0, 1]
Style: TypeAlias = Literal["bar", "json", "none"]
STEP = 0.01  # less is not worth a line
WIDTH = 40


def reporter(style: Style) -> Report:
    """
    What shows progress on this process's output: a bar on stderr, JSON lines on stdout, nothing.
    """
    if style == "none":
        return lambda done: None
    show = _json if style == "json" else _bar
    shown = -1.0

    def report(done: float) -> None:
        nonlocal shown
        if done - shown >= STEP or (done == 1 and shown < 1):
            shown = done
            show(done)

    return report


def _json(done: float) -> None:
    with suppress(BrokenPipeError):  # whoever asked is gone; the next start finds the engine
        sys.stdout.write(json.dumps({"progress": round(done, 3)}) + "\n")
        sys.stdout.flush()


def _bar(done: float) -> None:
    if sys.stderr.isatty():
        full = round(done * WIDTH)
        end = "\n" if done == 1 else ""
        sys.stderr.write(f"\rbuilding {'#' * full}{'.' * (WIDTH - full)} {done:4.0%}{end}")
        sys.stderr.flush()


class Phases:
    """
    The part of a build that is done, out of its nested phases.

    A phase that starts within a step of another has that step to fill. TensorRT calls this from
    several threads.
    """

    def __init__(self, report: Report) -> None:
        self._report = report
        self._spans: dict[str, tuple[float, float, int]] = {}  # name: begin, length, steps
        self._done: dict[str, int] = {}
        self._peak = 0.0
        self._lock = threading.Lock()

    def start(self, phase: str, parent: str | None, steps: int) -> None:
        """``phase`` begins, of so many steps, within the current step of ``parent``."""
        with self._lock:
            begin, length = 0.0, 1.0
            if parent in self._spans:
                outer, whole, count = self._spans[parent]
                length = whole / count
                begin = outer + length * min(self._done[parent], count - 1)
            self._spans[phase] = (begin, length, max(1, steps))
            self._done[phase] = 0

    def step(self, phase: str, index: int) -> None:
        """Step ``index``, counted from 0, of ``phase`` is done."""
        with self._lock:
            if phase in self._spans:
                begin, length, steps = self._spans[phase]
                self._done[phase] = index + 1
                self._tell(begin + length * min(1.0, (index + 1) / steps))

    def finish(self, phase: str) -> None:
        """``phase`` is over, whether all of its steps were told or not."""
        with self._lock:
            begin, length, _ = self._spans.pop(phase, (0.0, 0.0, 1))
            self._tell(begin + length)

    def _tell(self, done: float) -> None:
        self._peak = max(self._peak, min(done, 1.0))  # several phases side by side: never back
        self._report(self._peak)


def monitor(api: Any, report: Report, stop: threading.Event) -> Any | None:
    """
    An ``IProgressMonitor`` that reports, and ends the build when ``stop`` is set.

    None where this TensorRT has none (8.6).
    """
    if not hasattr(api, "IProgressMonitor"):
        return None
    phases = Phases(report)

    class Monitor(api.IProgressMonitor):  # type: ignore[misc]  # a class of the module at hand
        def __init__(self) -> None:
            api.IProgressMonitor.__init__(self)

        def phase_start(self, phase_name: str, parent_phase: str | None, num_steps: int) -> None:
            phases.start(phase_name, parent_phase, num_steps)

        def step_complete(self, phase_name: str, step: int) -> bool:
            phases.step(phase_name, step)
            return not stop.is_set()

        def phase_finish(self, phase_name: str) -> None:
            phases.finish(phase_name)

    return Monitor()
