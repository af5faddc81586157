"""The learning rate at a moment, as a part of the configured one."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass
class Schedule:
    """
    Warm-up, then a way down. Its state is two numbers, so that it resumes.

    Attributes:
        kind: ``cosine``, ``plateau`` or ``constant``.
        warm_up: steps in which it rises from almost nothing: published weights are lost otherwise.
        patience: for a plateau: validations without a better score before it halves.
        factor, waited: the state, for a plateau.
    """

    kind: str
    warm_up: int
    patience: int
    factor: float = 1.0
    waited: int = 0

    def rate(self, step: int, progress: float) -> float:
        """The part of the configured rate at ``step``; ``progress`` of the run is in [0, 1]."""
        warm = min(1.0, (step + 1) / (self.warm_up + 1))
        if self.kind == "cosine":
            return warm * 0.5 * (1 + math.cos(math.pi * min(1.0, progress)))
        return warm * self.factor

    def validated(self, better: bool) -> None:
        """Take note of a validation."""
        self.waited = 0 if better else self.waited + 1
        if self.kind == "plateau" and self.waited and self.waited % self.patience == 0:
            self.factor *= 0.5
