"""One graph at several input sizes: for each frame the size that squeezes it least."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from edge.fit import Placement, fit_into, place
from edge.frame import Frame
from edge.zoo.card import ModelInput

Runner = TypeVar("Runner")


@dataclass(frozen=True, slots=True, eq=False)
class Chosen(Generic[Runner]):
    """
    How frames of one size are matted.

    Attributes:
        runner: loaded for ``picture``.
        picture: (1, height, width, 3) uint8; ``draw`` fills it, anew for each frame.
        placement: where the frame lies in it.
    """

    runner: Runner
    picture: NDArray[np.uint8]
    placement: Placement


class BySize(Generic[Runner]):
    """
    A runner for each size that is met. A camera has one shape, so as a rule there is one.

    A runtime is told the size when it loads the graph: a graph whose size stays open is planned
    anew at each run, which is slower.

    Args:
        given: the input, as on the model's card; its own size is loaded at once.
        load: makes a runner for (width, height).
    """

    def __init__(self, given: ModelInput, load: Callable[[tuple[int, int]], Runner]) -> None:
        self._given, self._load = given, load
        self._runners = {given.size: load(given.size)}
        self._chosen: tuple[tuple[int, int], Chosen[Runner]] | None = None

    @property
    def first(self) -> Runner:
        """That of the card's own size."""
        return self._runners[self._given.size]

    def choose(self, frame: tuple[int, int]) -> Chosen[Runner]:
        """For frames of (width, height). What ``load`` raises comes through."""
        if self._chosen is None or self._chosen[0] != frame:
            size = self._given.nearest(frame)
            if size not in self._runners:
                self._runners[size] = self._load(size)
            picture = np.empty((1, size[1], size[0], 3), np.uint8)
            placement = place(frame, size, self._given.fit)
            self._chosen = frame, Chosen(self._runners[size], picture, placement)
        return self._chosen[1]

    def draw(self, frame: Frame) -> Chosen[Runner]:
        """As ``choose``, and ``frame`` is fitted into the picture."""
        chosen = self.choose(frame.size)
        how = self._given.interpolation
        fit_into(chosen.picture[0], frame.image, chosen.placement, how)
        return chosen
