"""Pictures from another thread to the capture thread: the newest wins, and silence is an error."""

from __future__ import annotations

import time
from collections.abc import Iterator

from edge.errors import SourceError
from edge.frame import Frame, Rgb
from edge.latest import Closed, Latest
from edge.sources._limits import SILENCE_S


class Feed:
    """One opening of a source whose pictures come from elsewhere."""

    def __init__(self) -> None:
        self._arrivals: Latest[Frame | SourceError] = Latest()
        self._count = 0

    def put(self, image: Rgb) -> None:
        """Hand over a picture that nobody writes to any more. For one thread."""
        self._arrivals.put(Frame(image, self._count, time.monotonic_ns()))
        self._count += 1

    def fail(self, error: SourceError) -> None:
        """The iteration raises ``error``, now."""
        self._arrivals.put(error)

    def close(self) -> None:
        """The iteration ends."""
        self._arrivals.close()

    def frames(self, silence: str, opening_s: float | None) -> Iterator[Frame]:
        """
        Frames as they come, until ``close``.

        Args:
            silence: what to say when no frame comes.
            opening_s: how long to wait for the first one; None waits for ever.

        Raises:
            SourceError: ``fail`` was called, or no frame came in time.
        """
        timeout_s = opening_s
        try:
            while arrival := self._arrivals.get(timeout_s):
                if isinstance(arrival, SourceError):
                    raise arrival
                yield arrival
                timeout_s = SILENCE_S
        except Closed:
            return
        raise SourceError(silence)
