"""``color:RRGGBB``: one colour."""

from __future__ import annotations

import numpy as np

from edge.errors import InputError
from edge.frame import Frame, Matte, Rgb


class Color:
    """
    Args:
        rgb: three bytes.
    """

    shows_room = False

    def __init__(self, rgb: bytes) -> None:
        self._rgb = np.frombuffer(rgb, np.uint8)
        self._picture: Rgb = np.empty((0, 0, 3), np.uint8)

    def behind(self, frame: Frame, matte: Matte | None = None) -> Rgb:
        if self._picture.shape != frame.image.shape:
            self._picture = np.ascontiguousarray(np.broadcast_to(self._rgb, frame.image.shape))
        return self._picture

    def close(self) -> None:
        """Nothing to free."""


def make(argument: str) -> Color:
    """``argument``: six hexadecimal digits; green if empty."""
    try:
        rgb = bytes.fromhex(argument or "00b140")
    except ValueError:
        rgb = b""
    if len(rgb) != 3:
        raise InputError(f"color:{argument}: wanted six hexadecimal digits, as in color:00b140")
    return Color(rgb)
