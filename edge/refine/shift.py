"""Moves the edge of a matte outwards or inwards by less than a pixel or by several."""

from __future__ import annotations

import math

import cv2
import numpy as np

from edge.frame import Alpha

DIRECTIONS = 12  # of the disc that is slid along the edge; its polygon is 3 % short at most
LINES = 720  # the picture height in which the shift is given


def shifted(alpha: Alpha, shift_px: float, aspect: float) -> Alpha:
    """
    Dilate (or erode) by a disc of any radius, in steps of at most one pixel of alpha.

    Args:
        alpha: (h, w) float32 in [0, 1], at any resolution.
        shift_px: outwards (+) or inwards (-), in pixels of a picture of 720 lines.
        aspect: width over height of the picture that alpha covers, which alpha may be a squeezed
            copy of.

    Returns:
        (h, w) float32 in [0, 1]; ``alpha`` itself for no shift.
    """
    if shift_px == 0:
        return alpha
    height, width = alpha.shape
    across = abs(shift_px) * width / (LINES * aspect)
    down = abs(shift_px) * height / LINES
    steps = max(1, math.ceil(max(across, down)))
    grow = np.maximum if shift_px > 0 else np.minimum
    for _ in range(steps):
        reached = alpha
        for k in range(DIRECTIONS):
            angle = 2 * math.pi * k / DIRECTIONS
            dx, dy = math.cos(angle) * across / steps, math.sin(angle) * down / steps
            reached = grow(reached, _moved(alpha, dx, dy))
        alpha = reached
    return alpha


def _moved(alpha: Alpha, dx: float, dy: float) -> Alpha:
    # warpAffine rounds to 1/32 pixel, which would lose a shift of a quarter pixel in twelve
    # directions; remap in OpenCV does too. Two lerps are exact.
    return _lerp(_lerp(alpha, dx, axis=1), dy, axis=0)


def _lerp(alpha: Alpha, offset: float, axis: int) -> Alpha:
    """Sample ``alpha`` at +``offset`` (at most one pixel) along ``axis``; the border repeats."""
    if abs(offset) < 1e-6:
        return alpha
    one = 1 if offset > 0 else -1
    border = (0, 0, 0, 1) if axis == 1 else (0, 1, 0, 0)
    if one < 0:
        border = (0, 0, 1, 0) if axis == 1 else (1, 0, 0, 0)
    padded = cv2.copyMakeBorder(alpha, *border, cv2.BORDER_REPLICATE)
    keep = slice(1, None) if one > 0 else slice(None, -1)
    neighbour = padded[:, keep] if axis == 1 else padded[keep]
    return np.asarray(
        cv2.addWeighted(alpha, 1 - abs(offset), neighbour, abs(offset), 0), np.float32
    )
