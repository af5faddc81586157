"""Frames that are drawn, at a steady pace. What ``presenter:`` and ``bars:`` have in common."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

from edge.frame import Frame, Rgb
from edge.sources import Granted
from edge.sources._pacer import Pacer

Paint = Callable[[int], Rgb]


class Drawn:
    """
    Args:
        paint: draws the picture of an index.
        granted: its size and rate.
        parts: what the first picture is made of, to be made one after the other, so that ``close``
            need not wait for all of them.
    """

    note = ""

    def __init__(
        self,
        label: str,
        paint: Paint,
        granted: Granted,
        parts: Sequence[Callable[[], object]] = (),
    ) -> None:
        self.label = label
        self.granted: Granted | None = granted
        self._paint = paint
        self._parts = parts
        self._period_s = 1 / (granted.fps or 30)
        self._pacer = Pacer()

    def __iter__(self) -> Iterator[Frame]:
        for make in self._parts:
            if self._pacer.closed:
                return
            make()
        self._pacer.restart()
        index = 0
        while self._pacer.wait_until(index * self._period_s):
            yield Frame(self._paint(index), index, time.monotonic_ns())
            index += 1

    def close(self) -> None:
        self._pacer.close()
