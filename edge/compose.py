"""The compositing equation: I = aF + (1 - a)B."""

from __future__ import annotations

import cv2
import numpy as np

from edge.frame import Frame, Matte, Rgb


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
    _same("alpha", matte.alpha.shape, shape[:2])
    _same("foreground", foreground.shape, shape)
    _same("background", background.shape, shape)
    composite = cv2.blendLinear(foreground, background, matte.alpha, 1 - matte.alpha)
    return np.asarray(composite, np.uint8)


def _same(name: str, found: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    if found != wanted:
        raise ValueError(f"the {name} is {found}, the frame needs {wanted}")
