"""The pace of a source that makes its own frames, and how it is closed."""

from __future__ import annotations

import threading
import time


class Pacer:
    """
    Waits for instants; ``close``, from any thread, ends the wait at once.

    A source that falls behind (a suspended machine, a slow disk) does not hurry to catch up:
    the beat is laid anew from the late frame on.
    """

    def __init__(self) -> None:
        self._closed = threading.Event()
        self._start_s: float | None = None

    @property
    def closed(self) -> bool:
        return self._closed.is_set()

    def restart(self) -> None:
        """The next ``wait_until`` is the start of a new beat."""
        self._start_s = None

    def wait_until(self, position_s: float, late_s: float = 0.25) -> bool:
        """
        Wait until ``position_s`` seconds of the material are due. False once closed.

        Args:
            late_s: how far behind the beat may fall before it is laid anew.
        """
        now_s = time.monotonic()
        if self._start_s is None or now_s - (self._start_s + position_s) > late_s:
            self._start_s = now_s - position_s
        self._closed.wait(max(0.0, self._start_s + position_s - now_s))
        return not self.closed

    def close(self) -> None:
        self._closed.set()
