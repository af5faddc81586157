"""What goes behind. Each module here is one kind and has ``make(argument: str) -> Background``."""

from __future__ import annotations

from typing import Protocol

from edge.frame import Frame, Matte, Rgb


class Background(Protocol):
    """Called in the matting thread, once a frame, in order."""

    @property
    def shows_room(self) -> bool:
        """True if the unblurred room is to be seen (``original``): the guard stands aside then."""
        ...

    def behind(self, frame: Frame, matte: Matte | None = None) -> Rgb:
        """
        The picture to put behind ``frame``.

        Args:
            matte: the frame's matte, where it is known. A blur keeps the people out of the blurred
                room by it; the other kinds have no use for it.

        Returns:
            (H, W, 3) uint8 sRGB of the frame's size. The caller does not write to it, it never
            changes afterwards, and it may be the same array each time.
        """
        ...

    def close(self) -> None:
        """Free what it holds (a video decoder). It is not used afterwards."""
        ...
