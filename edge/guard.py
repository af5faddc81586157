"""Fail closed: a matte that cannot be right is never composited, so the room behind never shows."""

from __future__ import annotations

from enum import Enum

import numpy as np

from edge.frame import Alpha, Matte

COVERAGE_LIMIT = 0.97  # nobody fills more of a picture; a broken model does
PATIENCE = 3  # bad mattes in a row before the viewers are told


class Verdict(Enum):
    """What to do with a frame."""

    SHOW = "show"
    HOLD = "hold"  # keep the last good picture: it may be one bad matte
    SLATE = "slate"  # say so


class Guard:
    """Judges each matte, and remembers how many in a row were bad."""

    def __init__(self) -> None:
        self.reason = ""
        self._bad = 0

    def judge_model(self, matte: Matte) -> Verdict:
        """Judge what the model gave. Only a bad one counts; a good one still has to be refined."""
        if np.isfinite(matte.alpha).all():
            return Verdict.SHOW
        return self._count("the model's matte is not finite")

    def judge(self, alpha: Alpha) -> Verdict:
        """Judge the refined matte that is about to be composited: (h, w), at the model's size."""
        if not np.isfinite(alpha).all():
            return self._count("the refined matte is not finite")
        coverage = np.count_nonzero(alpha > 0.5) / alpha.size
        if coverage > COVERAGE_LIMIT:
            return self._count(f"the matte covers {coverage:.0%} of the picture")
        self._bad, self.reason = 0, ""
        return Verdict.SHOW

    def reset(self) -> None:
        """Another model or source: what was bad is past."""
        self._bad, self.reason = 0, ""

    def _count(self, reason: str) -> Verdict:
        self._bad += 1
        self.reason = reason
        return Verdict.SLATE if self._bad >= PATIENCE else Verdict.HOLD
