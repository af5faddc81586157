"""When a key frame is made: soon for whoever asks, and not more often than all can bear."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

INTERVAL_S = 0.5  # at most one key frame in this time, however many ask


class KeyframeGate:
    """Asked for key frames from any thread; obeyed in the encoder's."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, interval_s: float = INTERVAL_S
    ) -> None:
        self._clock = clock
        self._interval_s = interval_s
        self._lock = threading.Lock()
        self._wanted = True  # the first picture is one
        self._last_s: float | None = None

    def ask(self) -> None:
        """Somebody cannot go on without one."""
        with self._lock:
            self._wanted = True

    @property
    def due_in_s(self) -> float | None:
        """How long until one is to be made, 0 if now; None: nobody asked."""
        with self._lock:
            return self._due_in_s() if self._wanted else None

    def take(self) -> bool:
        """Whether the picture that is encoded now is to be one. What was asked for is then done."""
        with self._lock:
            if not self._wanted or self._due_in_s() > 0:
                return False
            self._wanted, self._last_s = False, self._clock()
            return True

    def made(self) -> None:
        """The encoder made one, whether it was told to or not."""
        with self._lock:
            self._wanted, self._last_s = False, self._clock()

    def _due_in_s(self) -> float:
        if self._last_s is None:
            return 0.0
        return max(0.0, self._last_s + self._interval_s - self._clock())
