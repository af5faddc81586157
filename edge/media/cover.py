"""Cover-fit: a picture of any size made to fill a frame of any size."""

from __future__ import annotations

import cv2
import numpy as np

from edge.frame import Rgb


def cover(picture: Rgb, size: tuple[int, int]) -> Rgb:
    """
    Scale ``picture`` until it covers ``size`` and cut off what hangs over, evenly on both sides.

    Shrinking averages over areas, so that fine patterns do not alias.

    Args:
        picture: (h, w, 3) uint8, at least one pixel.
        size: (width, height) of the result.

    Returns:
        (height, width, 3) uint8, C-contiguous. ``picture`` itself if it has that size already.
    """
    width, height = size
    h, w = picture.shape[:2]
    if (w, h) == size and picture.flags.c_contiguous:
        return picture
    scale = max(width / w, height / h)
    cut_w = min(w, max(1, round(width / scale)))
    cut_h = min(h, max(1, round(height / scale)))
    left, top = (w - cut_w) // 2, (h - cut_h) // 2
    cut = picture[top : top + cut_h, left : left + cut_w]
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.ascontiguousarray(cv2.resize(cut, size, interpolation=how), np.uint8)


def shrink_to_cover(picture: Rgb, size: tuple[int, int]) -> Rgb:
    """
    ``picture`` whole, but no larger than it takes to cover ``size``; never enlarged.

    A 50-megapixel photo kept at its own size would hold 150 MB for a 3 MB background.
    """
    h, w = picture.shape[:2]
    scale = max(size[0] / w, size[1] / h)
    if scale >= 1:
        return picture
    small = (max(1, round(w * scale)), max(1, round(h * scale)))
    return np.ascontiguousarray(cv2.resize(picture, small, interpolation=cv2.INTER_AREA), np.uint8)
