"""
A portrait clip of one person in a landscape frame: the wall goes on to both sides.

Made for a person before a plain wall. The colours of the wall, row by row at the clip's rims, are
drawn outwards; where a rim shows the person, the rows above it lend theirs. The left shoulder,
which the clip cuts off, gets a round end.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.frame import Rgb

RIM_PX = 14  # of the wall at the rim, averaged
SEAM = 0.10  # of the clip's width, over which the clip fades into the wall
SOFT_PX = 3.0  # the edge of the round end
FADE_PX = 14.0  # from the wall in the clip to the wall in its place


@dataclass(frozen=True)
class Landscape:
    """
    Where in the clip the wall and the shoulder are, as fractions of its width and height.

    Attributes:
        size: (width, height) of what comes out.
        width: of the clip, in pixels of ``size``.
        wall_until: the height down to which both rims show the wall.
        shoulder: (how far from the left rim, how high) its round end begins.
    """

    size: tuple[int, int]
    width: int
    wall_until: float
    shoulder: tuple[float, float]

    def widen(self, clip: Rgb) -> Rgb:
        """
        Put ``clip``, (height, width, 3) uint8 sRGB of this height and clip width, in the middle.

        Returns:
            (height, size's width, 3) uint8 sRGB.
        """
        wide = np.empty((self.size[1], self.size[0], 3), np.uint8)
        begin = (self.size[0] - self.width) // 2
        half = begin + self.width // 2
        wide[:, :half] = self._wall(clip[:, :RIM_PX])[:, None]
        wide[:, half:] = self._wall(clip[:, -RIM_PX:])[:, None]
        middle = np.ascontiguousarray(wide[:, begin : begin + self.width])
        keep = self._keep
        wide[:, begin : begin + self.width] = cv2.blendLinear(clip, middle, keep, 1 - keep)
        return wide

    def _wall(self, rim: Rgb) -> Rgb:
        """One colour for each row."""
        rows = rim.mean(axis=1, dtype=np.float32)
        until = int(self.wall_until * len(rows))
        rows[until:] = rows[max(0, until - 40) : until].mean(axis=0)
        smooth = cv2.GaussianBlur(rows[:, None], (1, 61), 9)
        return np.asarray(smooth[:, 0], np.uint8)

    @cached_property
    def _keep(self) -> NDArray[np.float32]:
        """(height, width) in [0, 1]: how much of the clip is to be seen."""
        height = self.size[1]
        x = np.arange(self.width, dtype=np.float32)
        ramp = np.clip(np.minimum(x, x[::-1]) / (SEAM * self.width), 0, 1)
        seam = np.broadcast_to(ramp * ramp * (3 - 2 * ramp), (height, self.width))
        reach, top = self.shoulder[0] * self.width, self.shoulder[1] * height
        out = np.clip(1 - x / reach, 0, 1)  # 0 where the shoulder is whole, 1 at the rim
        curve = height - (height - top) * np.sqrt(1 - out * out)
        y = np.arange(height, dtype=np.float32)[:, None]
        arm = np.clip((y - curve[None]) / SOFT_PX + 0.5, 0, 1)
        corner = np.clip((y - top) / FADE_PX, 0, 1) * (out[None] > 0)
        return np.asarray(seam * (1 - corner) + arm * corner, np.float32)
