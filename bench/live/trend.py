"""Whether something that is measured time and again grows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

FLOOR = 10  # per cent


@dataclass(frozen=True, slots=True)
class Trend:
    """
    Attributes:
        first, last: medians of the first and of the last third.
        floor_first, floor_last: what nine in ten values of each third are over. What comes and goes
            is not in them, and a leak raises them.
        most: the largest value.
        slope_per_h: by how much it grows in an hour (Theil and Sen's median of all slopes: a few
            odd values do not matter).
    """

    first: float
    last: float
    floor_first: float
    floor_last: float
    most: float
    slope_per_h: float

    def is_flat(self, allowed: float) -> bool:
        """Whether its floor grew by no more than ``allowed`` from the first third to the last."""
        return self.floor_last - self.floor_first <= allowed

    def described(self) -> dict[str, Any]:
        """For a report."""
        return {name: round(value, 3) for name, value in asdict(self).items()}


def trend(times_s: Sequence[float], values: Sequence[float]) -> Trend:
    """
    Args:
        times_s: when each value was measured, growing.
        values: at least three.
    """
    times_h, measured = np.asarray(times_s) / 3600, np.asarray(values, float)
    third = len(measured) // 3
    begin, end = measured[:third], measured[-third:]
    earlier, later = np.triu_indices(len(measured), 1)
    slopes = (measured[later] - measured[earlier]) / (times_h[later] - times_h[earlier])
    return Trend(
        first=float(np.median(begin)),
        last=float(np.median(end)),
        floor_first=float(np.percentile(begin, FLOOR)),
        floor_last=float(np.percentile(end, FLOOR)),
        most=float(measured.max()),
        slope_per_h=float(np.median(slopes)),
    )
