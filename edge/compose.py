"""The compositing equation: I = aF + (1 - a)B."""

from __future__ import annotations

import cv2
import numpy as np

from edge.frame import Alpha, Frame, Matte, Rgb

WHOLE = 256  # an alpha of one: 255 times it, and a half more, still is a 16 bit number


def compose(frame: Frame, matte: Matte, background: Rgb) -> Rgb:
    """
    Put the foreground of ``frame`` before ``background``.

    Args:
        frame: its image is the foreground colour where the matte brings none.
        matte: alpha (H, W) float32 in [0, 1] at the frame's size, finite.
        background: (H, W, 3) uint8 at the frame's size.

    Returns:
        A new (H, W, 3) uint8, within one level of the exact sum.

    Raises:
        ValueError: something is not of the frame's size.
    """
    shape = frame.image.shape
    foreground = frame.image if matte.foreground is None else matte.foreground
    require_size("alpha", matte.alpha.shape, shape[:2])
    require_size("foreground", foreground.shape, shape)
    require_size("background", background.shape, shape)
    return blend(foreground, background, matte.alpha)


def blend(foreground: Rgb, background: Rgb, alpha: Alpha) -> Rgb:
    """
    The equation itself, in 16 bit numbers: half of what floats take, at under one level of error.

    Args:
        foreground, background: (h, w, 3) uint8.
        alpha: (h, w) float32 in [0, 1].

    Returns:
        A new (h, w, 3) uint8.
    """
    weight = np.rint(alpha * np.float32(WHOLE)).astype(np.uint16)
    below = background.astype(np.uint16)
    mixed = foreground.astype(np.uint16)
    mixed -= below  # it may wrap around below zero; the sum comes back
    mixed *= np.asarray(cv2.merge([weight] * 3), np.uint16)
    below *= WHOLE
    below += WHOLE // 2
    mixed += below
    mixed >>= 8
    return mixed.astype(np.uint8)


def require_size(name: str, found: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    """Raise ValueError, by ``name`` and with both shapes, unless they are the same."""
    if found != wanted:
        raise ValueError(f"the {name} is {found}, the frame needs {wanted}")
