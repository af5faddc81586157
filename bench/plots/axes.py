"""Where a value stands along an axis, and which values are written beside it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class Axis:
    """
    Attributes:
        label: what is shown, with its unit.
        low, high: its ends; above 0 where it is logarithmic.
        log: equal ratios are equal lengths.
    """

    label: str
    low: float
    high: float
    log: bool = False

    def part(self, value: float) -> float:
        """Where ``value`` is: 0 at the low end, 1 at the high one."""
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def ticks(self) -> list[float]:
        """1, 2 or 5 times a power of ten, a handful of them, within the ends."""
        if self.log:
            first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
            found = [m * 10.0**power for power in range(first, last + 1) for m in STEPS]
        else:
            rough = (self.high - self.low) / 5
            power = 10.0 ** math.floor(math.log10(rough))
            step = next((m * power for m in STEPS if m * power >= rough), 10 * power)
            found = [step * n for n in range(math.ceil(self.low / step), int(self.high / step) + 1)]
        return [value for value in found if self.low <= value <= self.high]


def linear(label: str, values: Sequence[float]) -> Axis:
    """From 0 to a little more than the largest."""
    return Axis(label, 0.0, 1.12 * max([*values, 1e-9]))


def logarithmic(label: str, values: Sequence[float]) -> Axis:
    """A little wider than the values, which are above 0."""
    return Axis(label, min(values) / 1.6, max(values) * 2.2, log=True)  # names stand to the right
