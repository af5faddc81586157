"""What goes behind. Each module here is one kind and has ``make(argument: str) -> Background``."""

from __future__ import annotations

from typing import Protocol

from edge.frame import Frame, Rgb


class Background(Protocol):
    """Called in the matting thread, once a frame, in order."""

    @property
    def shows_room(self) -> bool:
        """True if the unblurred room is to be seen (``original``): the guard stands aside then."""
        ...

    def behind(self, frame: Frame) -> Rgb:
        """
        The picture to put behind ``frame``.

        Returns:
            (H, W, 3) uint8 sRGB of the frame's size. The caller does not write to it, and it may
            be the same array each time.
        """
        ...

    def close(self) -> None:
        """Free what it holds (a video decoder). It is not used afterwards."""
        ...
