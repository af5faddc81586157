"""A picture that stands still, fitted to whatever frame comes."""

from __future__ import annotations

from edge.frame import Frame, Matte, Rgb
from edge.media.cover import cover


class Still:
    """
    Args:
        picture: (h, w, 3) uint8 sRGB of any size. Nobody writes to it from now on.
    """

    shows_room = False

    def __init__(self, picture: Rgb) -> None:
        self._picture = picture
        self._fitted = picture

    def behind(self, frame: Frame, matte: Matte | None = None) -> Rgb:
        if self._fitted.shape != frame.image.shape:
            self._fitted = cover(self._picture, frame.size)
        return self._fitted

    def close(self) -> None:
        """Nothing to free."""
