"""Charts as coordinates; ``templates/chart.html`` draws them as SVG in the page's own colours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

WIDTH, HEIGHT = 460.0, 260.0  # of the drawing, in its own units
LEFT, RIGHT, TOP, BOTTOM = 52.0, 12.0, 12.0, 40.0  # room for the axes' words
POINTS = 240  # of a line: more are not seen
BINS = 20


@dataclass(frozen=True, slots=True)
class Series:
    """
    One line, or one colour of bars.

    Attributes:
        style: a CSS class of the page: ``raw`` or ``refined``, with ``before`` where two models
            are compared.
    """

    label: str
    style: str
    x: Sequence[float]
    y: Sequence[float]


@dataclass(frozen=True, slots=True)
class Axis:
    """
    One direction.

    Attributes:
        low, high: the values at its ends.
        log: equal steps are equal factors; ``low`` is above 0 then.
    """

    label: str
    low: float
    high: float
    log: bool = False

    def share(self, value: float) -> float:
        """Where ``value`` lies, from 0 at the low end to 1; never outside."""
        value = min(max(value, self.low), self.high)
        if self.log:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def ticks(self) -> list[float]:
        """Round values on it: five or so; on a log axis 1, 2, 5 of each power."""
        if self.log:
            powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
            rounds = [m * 10.0**power for power in powers for m in (1, 2, 5)]
            inside = [value for value in rounds if self.low <= value <= self.high]
            return inside if len(inside) <= 9 else [v for v in inside if f"{v:e}"[0] == "1"]
        span = self.high - self.low
        power = 10.0 ** math.floor(math.log10(span / 4))
        step = next(power * m for m in (1, 2, 5, 10) if span / (power * m) <= 6 + 1e-9)
        first = math.ceil(self.low / step - 1e-9)
        last = math.floor(self.high / step + 1e-9)
        return [round(n * step, 10) for n in range(first, last + 1)]


@dataclass(frozen=True, slots=True)
class Mark:
    """A line's path (``d``), or a bar (``d`` as well); ``title`` is shown under the pointer."""

    style: str
    d: str
    title: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A word on an axis, at a place along it."""

    at: float
    word: str


@dataclass(frozen=True, slots=True)
class Chart:
    """All that the template needs."""

    title: str
    note: str
    x_label: str
    y_label: str
    x_ticks: list[Tick]
    y_ticks: list[Tick]
    marks: list[Mark]
    legend: list[Series]
    bars: bool = False


def lines(title: str, series: Sequence[Series], axes: tuple[Axis, Axis], note: str = "") -> Chart:
    """A line for each of ``series``; values beyond an axis lie on its end."""
    marks = []
    for one in series:
        step = max(1, math.ceil(len(one.x) / POINTS))
        numbers = list(range(0, len(one.x), step))
        if numbers and numbers[-1] != len(one.x) - 1:
            numbers.append(len(one.x) - 1)
        points = (f"{_x(axes[0], one.x[n]):.1f} {_y(axes[1], one.y[n]):.1f}" for n in numbers)
        marks.append(Mark(one.style, "M" + "L".join(points), one.label))
    return _chart(title, note, axes, marks, series)


def histogram(title: str, label: str, series: Sequence[Series], note: str = "") -> Chart:
    """
    How many of each one's ``y`` values fall into each bin, bins growing by a factor.

    Args:
        label: of the values.
        series: with at least one value; ``x`` is not looked at.
    """
    every = np.concatenate([np.asarray(one.y, np.float64) for one in series])
    low = max(float(every.min()), float(every.max()) / 1e3, 1e-3)
    high = max(float(every.max()), low * 4) * 1.0001
    edges = np.geomspace(low, high, BINS + 1)
    counts = [np.histogram(np.clip(one.y, low, high), edges)[0] for one in series]
    axes = (
        Axis(label, low, high, log=True),
        Axis("pictures", 0, max(1.0, 1.05 * max(int(c.max()) for c in counts))),
    )
    marks = []
    for number, (one, count) in enumerate(zip(series, counts, strict=True)):
        for bin_, height in enumerate(count):
            if height:
                left, right = (_x(axes[0], edges[bin_ + i]) for i in (0, 1))
                wide = (right - left - 1) / len(series)
                at, top, bottom = left + 0.5 + number * wide, _y(axes[1], height), _y(axes[1], 0)
                told = f"{one.label}: {height} from {edges[bin_]:.3g} to {edges[bin_ + 1]:.3g}"
                box = f"M{at:.1f} {bottom:.1f}V{top:.1f}h{wide:.1f}V{bottom:.1f}z"
                marks.append(Mark(one.style, box, told))
    return _chart(title, note, axes, marks, series, bars=True)


def _chart(
    title: str,
    note: str,
    axes: tuple[Axis, Axis],
    marks: list[Mark],
    series: Sequence[Series],
    bars: bool = False,
) -> Chart:
    x, y = axes
    return Chart(
        title=title,
        note=note,
        x_label=x.label,
        y_label=y.label,
        x_ticks=[Tick(_x(x, value), f"{value:g}") for value in x.ticks()],
        y_ticks=[Tick(_y(y, value), f"{value:g}") for value in y.ticks()],
        marks=marks,
        legend=list(series),
        bars=bars,
    )


def _x(axis: Axis, value: float) -> float:
    return LEFT + axis.share(float(value)) * (WIDTH - LEFT - RIGHT)


def _y(axis: Axis, value: float) -> float:
    return HEIGHT - BOTTOM - axis.share(float(value)) * (HEIGHT - TOP - BOTTOM)
