"""What is left of a matte when it is cut into person and room, and how much of that is right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.measures.shapes import same_shape
from edge.frame import Alpha

HALF = 0.5  # alpha above which a pixel is the person's


@dataclass(frozen=True, slots=True)
class Confusion:
    """
    Pixels by what they are and what they were taken for.

    A share of nothing is 1, as in scikit-learn with ``zero_division=1``: who finds nobody in an
    empty room has made no mistake.

    Attributes:
        both: person, and found.
        extra: room, taken for the person (false positive).
        missed: person, taken for room (false negative).
        neither: room, and left out.
    """

    both: int
    extra: int
    missed: int
    neither: int

    @property
    def accuracy(self) -> float:
        """Share of all pixels that are right."""
        return _share(self.both + self.neither, self.extra + self.missed)

    @property
    def precision(self) -> float:
        """Share of what was found that is the person."""
        return _share(self.both, self.extra)

    @property
    def recall(self) -> float:
        """Share of the person that was found."""
        return _share(self.both, self.missed)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall (Dice, Sorensen)."""
        return _share(2 * self.both, self.extra + self.missed)

    @property
    def jaccard(self) -> float:
        """Intersection over union."""
        return _share(self.both, self.extra + self.missed)


def cut(alpha: Alpha, truth: Alpha, at: float = HALF) -> Confusion:
    """Count the pixels of two mattes (H, W), each cut into above ``at`` and the rest."""
    same_shape(alpha, truth)
    found, person = alpha > at, truth > at
    both = int(np.count_nonzero(found & person))
    extra = int(np.count_nonzero(found)) - both
    missed = int(np.count_nonzero(person)) - both
    return Confusion(both, extra, missed, found.size - both - extra - missed)


def _share(right: int, wrong: int) -> float:
    return right / (right + wrong) if right + wrong else 1.0
