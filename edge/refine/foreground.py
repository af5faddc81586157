"""
Takes the room's colour out of soft edges, where a pixel of the frame is a mix of both.

Blur-fusion foreground estimation (Forte, "Approximate Fast Foreground Colour Estimation",
ICIP 2021). It runs at alpha's size, and only the change of colour is enlarged: that is smooth, and
the frame keeps its own detail.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.frame import Alpha, Rgb
from edge.refine.area import aligned_area, enlarged, enlarged_height, strips

WIDE = 1 / 8  # window of the first pass, as a part of the picture: looks for the person's colour
NEAR = 1 / 64  # window of the second pass: settles it close by
MARGIN = 5  # pixels of alpha: the enlarged matte reaches a little further than the small one
TINY = 1e-4  # weight under which there is nothing to average

Floats = NDArray[np.float32]


def estimate_foreground(alpha: Alpha, picture: Rgb, image: Rgb) -> Rgb | None:
    """
    The person's own colour wherever alpha lets only a part of it through.

    Args:
        alpha: (h, w) float32 in [0, 1], at any size.
        picture: (h, w, 3) uint8, ``image`` at alpha's size.
        image: (H, W, 3) uint8.

    Returns:
        (H, W, 3) uint8, or None where there is no soft edge: the image itself is right then.
    """
    small = aligned_area((alpha > 0) & (alpha < 1), image.shape, MARGIN)
    if small is None:
        return None
    here = picture[small].astype(np.float32)
    change = np.rint(_colour(alpha[small], here, alpha.shape) - here).astype(np.int16)
    foreground: Rgb = image.copy()
    view = foreground[enlarged(small, alpha.shape, image.shape)]
    for rows, kept, onto in strips(change.shape, view.shape):
        size = view.shape[1], enlarged_height(rows, change.shape, view.shape)
        colour = view[onto].astype(np.int16)  # first: adding across types is far slower
        colour += cv2.resize(change[rows], size)[kept]
        view[onto] = np.clip(colour, 0, 255, out=colour)
    return foreground


def _colour(alpha: Alpha, picture: Floats, whole: tuple[int, ...]) -> Floats:
    """Foreground colour (h, w, 3) in 0..255, of a part of a picture of shape ``whole``."""
    opacity = _threefold(alpha)
    clear = 1 - opacity
    foreground, background = picture, picture
    for part in (WIDE, NEAR):
        reach = (max(3, round(whole[1] * part) | 1), max(3, round(whole[0] * part) | 1))
        seen = _threefold(np.asarray(cv2.blur(alpha, reach), np.float32))
        # A window's weights sum to one: what is not foreground in it is background.
        foreground = cv2.blur(foreground * opacity, reach) / (seen + TINY)
        background = cv2.blur(background * clear, reach) / (1 + TINY - seen)
        rest = picture - opacity * foreground - clear * background
        foreground = np.clip(foreground + opacity * rest, 0, 255)
    return foreground


def _threefold(values: Alpha) -> Floats:
    """(h, w) -> (h, w, 3), copied: broadcasting over a last axis of three is far slower."""
    return np.asarray(cv2.merge([values] * 3), np.float32)
