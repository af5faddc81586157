"""A picture that is drawn at the size it is needed in."""

from __future__ import annotations

import threading
from collections.abc import Callable

from edge.backgrounds._still import Still
from edge.frame import Frame, Matte, Rgb

SIZE = (1280, 720)  # what most cameras give; drawn at once, in a quarter of a second
LARGE = (1920, 1080)  # takes four times as long: only for frames that show the difference


class Drawn:
    """
    Args:
        draw: makes the picture, (height, width, 3) uint8 sRGB, of a (width, height).
    """

    shows_room = False

    def __init__(self, draw: Callable[[tuple[int, int]], Rgb]) -> None:
        self._draw = draw
        self._still = Still(draw(SIZE))
        self._larger: threading.Thread | None = None

    def behind(self, frame: Frame, matte: Matte | None = None) -> Rgb:
        """Until it is drawn in a size that fits a large frame, it is enlarged."""
        if self._larger is None and (frame.size[0] > SIZE[0] or frame.size[1] > SIZE[1]):
            self._larger = threading.Thread(target=self._enlarge, name="drawing", daemon=True)
            self._larger.start()
        return self._still.behind(frame, matte)

    def close(self) -> None:
        """Nothing to free."""

    def _enlarge(self) -> None:
        self._still = Still(self._draw(LARGE))
