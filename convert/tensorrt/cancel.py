"""Work that a signal can stop although it is one long call into a library."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Generic, TypeVar

GRACE_S = 5.0  # TensorRT asks between two steps whether to go on; some take longer
LOOK_S = 0.1
SIGNALS = (signal.SIGINT, signal.SIGTERM)

T = TypeVar("T")


class Cancelled(BaseException):
    """A signal came. No Exception, so that nothing on the way takes it for a fault."""

    def __init__(self, number: int) -> None:
        name = signal.Signals(number).name
        super().__init__(f"convert tensorrt: cancelled by {name}: nothing was written")
        self.status = 128 + number


class _Work(threading.Thread, Generic[T]):
    """Runs a function and keeps what came of it."""

    def __init__(self, function: Callable[[], T]) -> None:
        super().__init__(name="work", daemon=True)
        self._function = function
        self.result: T
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self.result = self._function()
        except BaseException as error:  # noqa: BLE001 - raised again by who waits for it
            self.error = error


def interruptible(function: Callable[[], T], stop: threading.Event) -> T:
    """
    Call ``function`` in a thread of its own, so that this one can be interrupted.

    Args:
        stop: set when a signal comes; ``function`` should then return soon. If it does not, the
            process ends: it can be nowhere but inside a library, where it writes no file.

    Raises:
        Cancelled: a signal came, within ``signals_raise``.
        Exception: what ``function`` raised.
    """
    work = _Work(function)
    work.start()
    try:
        while work.is_alive():
            work.join(LOOK_S)
    except Cancelled as cancelled:
        stop.set()
        work.join(GRACE_S)
        if work.is_alive():
            sys.stderr.write(f"{cancelled}\n")
            sys.stderr.flush()
            os._exit(cancelled.status)
        raise
    if work.error is not None:
        raise work.error
    return work.result


@contextmanager
def signals_raise() -> Iterator[None]:
    """SIGINT and SIGTERM raise Cancelled in the block, once; only the main thread can have that."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def cancel(number: int, _: FrameType | None) -> None:
        for each in SIGNALS:
            signal.signal(each, signal.SIG_IGN)  # a second one must not break the clearing up
        raise Cancelled(number)

    before = {number: signal.signal(number, cancel) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
