"""``none:``: no background; transparency drawn as a chequerboard."""

from __future__ import annotations

import numpy as np

from edge.errors import InputError
from edge.frame import Frame, Matte, Rgb

LIGHT, DARK = 255, 208  # what picture editors show for "nothing here"
ROWS = 45  # squares from top to bottom: 16 px of a 720-line picture


class Chequerboard:
    shows_room = False

    def __init__(self) -> None:
        self._picture: Rgb = np.empty((0, 0, 3), np.uint8)

    def behind(self, frame: Frame, matte: Matte | None = None) -> Rgb:
        if self._picture.shape != frame.image.shape:
            self._picture = chequerboard(frame.size)
        return self._picture

    def close(self) -> None:
        """Nothing to free."""


def chequerboard(size: tuple[int, int]) -> Rgb:
    """A chequerboard of ``size`` (width, height): (H, W, 3) uint8."""
    width, height = size
    square = max(1, round(height / ROWS))
    odd = (np.arange(width) // square + np.arange(height)[:, None] // square) % 2 == 1
    grey = np.where(odd, DARK, LIGHT).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def make(argument: str) -> Chequerboard:
    """``argument``: empty."""
    if argument:
        raise InputError(f"none:{argument}: wanted none: and nothing after it")
    return Chequerboard()
