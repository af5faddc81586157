"""
Frame, matte and background become one picture. Each module here is one kind and has
``make(argument: str) -> Compositor``.
"""

from __future__ import annotations

from typing import Protocol

from edge.frame import Frame, Matte, Rgb


class Compositor(Protocol):
    """Used by one thread at a time."""

    def compose(self, frame: Frame, matte: Matte, background: Rgb) -> Rgb:
        """
        I = aF + (1 - a)B.

        Args:
            frame: its image is the foreground colour where the matte brings none.
            matte: alpha (h, w) float32 in [0, 1] that covers the whole frame, finite. If it is not
                of the frame's size it is brought there bilinearly.
            background: (H, W, 3) uint8 at the frame's size.

        Returns:
            A new (H, W, 3) uint8, within one level of the exact sum.

        Raises:
            ValueError: the foreground or the background is not of the frame's size.
            ModelError: the GPU failed.
        """
        ...
