"""Counts and boxes what stands in a matte."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import cv2
import numpy as np

from edge.frame import Alpha
from edge.state import Foreground

SPECK = 0.004  # of the picture; smaller islands are not counted
Seen: TypeAlias = Callable[[], Foreground]  # looked for once it is asked, which few frames are

NOBODY = Foreground(coverage=0, count=0, boxes=[])


def find_foreground(alpha: Alpha, size: tuple[int, int]) -> Foreground:
    """
    The connected parts of ``alpha`` above one half.

    Args:
        alpha: (h, w) float32 in [0, 1].
        size: (width, height) of the frame that alpha covers.

    Returns:
        Coverage as a fraction of the frame, specks included; the number of parts and their
        boxes (x, y, width, height) in pixels of the frame, largest part first, specks left out.
    """
    mask = (alpha > 0.5).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    parts = sorted(stats[1:].tolist(), key=lambda part: -part[cv2.CC_STAT_AREA])
    boxes = [_box(part, alpha.shape, size) for part in parts if part[4] >= SPECK * alpha.size]
    return Foreground(coverage=float(mask.mean()), count=len(boxes), boxes=boxes)


def _box(
    part: list[int], shape: tuple[int, ...], size: tuple[int, int]
) -> tuple[int, int, int, int]:
    """Outwards to whole pixels, inside the frame."""
    x, y, width, height, _ = part
    left, top = x * size[0] // shape[1], y * size[1] // shape[0]
    right = -(-(x + width) * size[0] // shape[1])
    bottom = -(-(y + height) * size[1] // shape[0])
    return left, top, right - left, bottom - top
