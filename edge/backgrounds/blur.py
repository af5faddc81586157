"""
``blur:STRENGTH``: the room, blurred by a Gaussian of STRENGTH pixels in a 720-line picture.

Computed on a small copy: a Gaussian leaves nothing that so few lines could not hold, so that a
stronger blur is a cheaper one. The people are left out of the average (normalised convolution,
Knutsson and Westin 1993: blur(w I) / blur(w), w = 1 - alpha), else they would bleed a halo
of their own colours into the room around them. That costs one weight channel; without a matte
the blur is the plain one, halo included.
"""

from __future__ import annotations

from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.errors import InputError
from edge.frame import Frame, Matte, Rgb

# At 21, lettering a seventh of the picture high is gone. Weaker, the room could be read.
MINIMUM, DEFAULT, MAXIMUM = 21, 35, 255
REFERENCE_LINES = 720
SMALL_SIGMA = 2.5  # in the small copy: wide enough that its pixels do not show when enlarged
REDUCTION = 4  # the small copy is at most a quarter as high and wide as the frame
INSIDE = 1 / 64  # weight of the person: deep inside, something must be averaged

Plane = TypeVar("Plane", NDArray[np.uint8], NDArray[np.float32])


class Blur:
    """
    Args:
        strength: the Gaussian's sigma, in pixels of a 720-line picture.
    """

    shows_room = False

    def __init__(self, strength: int) -> None:
        self._sigma = strength / REFERENCE_LINES  # in picture heights

    def behind(self, frame: Frame, matte: Matte | None = None) -> Rgb:
        width, height = frame.size
        lines = SMALL_SIGMA / self._sigma
        reduction = max(REDUCTION, height / lines)
        small = (max(1, round(width / reduction)), max(1, round(height / reduction)))
        sigma = max(self._sigma * small[1], 0.1)
        room = cv2.GaussianBlur(_weighted(frame.image, matte, small), (0, 0), sigma)
        mean = np.rint(room[..., :3] / room[..., 3:]).astype(np.uint8)
        return np.asarray(cv2.resize(mean, frame.size, interpolation=cv2.INTER_LINEAR), np.uint8)

    def close(self) -> None:
        """Nothing to free."""


def _weighted(image: Rgb, matte: Matte | None, size: tuple[int, int]) -> NDArray[np.float32]:
    """(h, w, 4) float32 at ``size``: colour times weight, and the weight."""
    small = _reduced(image, size)
    weighted = np.empty((*small.shape[:2], 4), np.float32)
    if matte is None:
        weighted[..., 3] = 1
    else:
        alpha = _reduced(matte.alpha, size)
        # One small pixel wider: what lies just outside the matte still has the person's colour.
        weighted[..., 3] = np.clip(1 - cv2.dilate(alpha, np.ones((3, 3))), INSIDE, 1)
    np.multiply(small, weighted[..., 3:], out=weighted[..., :3])
    return weighted


def _reduced(plane: Plane, size: tuple[int, int]) -> Plane:
    """Area averages in two steps: whole-number ratios have a fast path, the rest is then small."""
    height, width = plane.shape[:2]
    quarter = (width // REDUCTION, height // REDUCTION)
    if size[0] < quarter[0] and size[1] < quarter[1]:
        plane = np.asarray(cv2.resize(plane, quarter, interpolation=cv2.INTER_AREA), plane.dtype)
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), plane.dtype)


def make(argument: str) -> Blur:
    """``argument``: a whole number from 21 to 255; 35 if empty."""
    try:
        strength = int(argument or DEFAULT)
    except ValueError:
        strength = 0
    if not MINIMUM <= strength <= MAXIMUM:
        raise InputError(
            f"blur:{argument}: wanted a whole number from {MINIMUM} (weaker would let the room "
            f"be read) to {MAXIMUM}, as in blur:{DEFAULT}"
        )
    return Blur(strength)
