"""How many frames a second a source gives, whether or not all of them are matted."""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from edge.frame import Frame

WATCHED = 12  # frames: enough that a late one does not count
FPS = 30  # of a source that does not tell
RATES = (5, 10, 15, 20, 25, 30, 50, 60, 120)  # one choice holds for all that are near one of these


class Rate:
    """Watches the stamps and indices of the newest frames."""

    def __init__(self) -> None:
        self._stamps: deque[tuple[int, int]] = deque(maxlen=WATCHED)

    def see(self, frame: Frame) -> None:
        """A frame came; those between this one and the last were dropped."""
        self._stamps.append((frame.index, frame.captured_ns))

    @property
    def known(self) -> bool:
        """Whether it has seen enough."""
        return len(self._stamps) == WATCHED

    @property
    def fps(self) -> int:
        """The one of RATES that is nearest."""
        stamps = list(self._stamps)
        gaps_ns = [
            (later[1] - earlier[1]) / (later[0] - earlier[0])
            for earlier, later in zip(stamps, stamps[1:], strict=False)
            if later[0] > earlier[0]
        ]
        gap_ns = float(np.median(gaps_ns)) if gaps_ns else 0.0
        fps = 1e9 / gap_ns if gap_ns > 0 else FPS
        return min(RATES, key=lambda rate: abs(math.log(rate / fps)))
