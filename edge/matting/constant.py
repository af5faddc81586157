"""``constant:ALPHA``: one alpha everywhere, for tests and to see what the rest costs."""

from __future__ import annotations

import numpy as np

from edge.errors import InputError
from edge.frame import Frame, Matte


class Constant:
    """A model that looks at nothing."""

    def __init__(self, alpha: float) -> None:
        self.alpha = alpha

    def matte(self, frame: Frame) -> Matte:
        height, width = frame.image.shape[:2]
        return Matte(np.full((max(1, height // 4), max(1, width // 4)), self.alpha, np.float32))

    def reset(self) -> None:
        """Nothing to forget."""


def check(argument: str) -> None:
    """Raise InputError if it is no alpha."""
    make(argument)


def make(argument: str) -> Constant:
    """``argument``: the alpha, in [0, 1]; 1 if empty."""
    try:
        alpha = float(argument or 1)
    except ValueError as error:
        raise InputError(f"constant:{argument}: wanted a number from 0 to 1") from error
    if not 0 <= alpha <= 1:
        raise InputError(f"constant:{argument}: wanted a number from 0 to 1")
    return Constant(alpha)
