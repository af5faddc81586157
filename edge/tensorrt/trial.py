"""An engine is believed only after it has matted live frames as the model it replaces does."""

from __future__ import annotations

import numpy as np

from edge.frame import Alpha

FRAMES = 5
LIMIT = {"fp32": 0.005, "fp16": 0.01, "bf16": 0.01, "int8": 0.03}  # mean absolute difference


class Trial:
    """
    Compares two models' alpha over some frames.

    Args:
        precision: the engine's, which says how far it may be off.

    Attributes:
        passed: True or False once it is decided.
        reason: why it was not passed.
    """

    def __init__(self, precision: str) -> None:
        self.passed: bool | None = None
        self.reason = ""
        self._limit = LIMIT[precision]
        self._left = FRAMES

    def compare(self, found: Alpha, wanted: Alpha) -> None:
        """Judge one frame: ``found`` by the engine, ``wanted`` as it should be, both (h, w)."""
        if not np.isfinite(wanted).all() or self.passed is not None:
            return  # nothing to compare with
        if found.shape != wanted.shape:
            self._refuse(f"its matte is {found.shape}, and should be {wanted.shape}")
            return
        difference = float(np.abs(found - wanted).mean())
        if not difference <= self._limit:  # NaN is refused, too
            self._refuse(
                f"its matte is off by {difference:.3g} on average; at most {self._limit:g} passes"
            )
            return
        self._left -= 1
        if self._left == 0:
            self.passed = True

    def _refuse(self, reason: str) -> None:
        self.passed, self.reason = False, reason
