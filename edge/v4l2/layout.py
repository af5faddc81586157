"""Pictures as V4L2 devices take them: YUV of BT.601, limited range."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.fit import place
from edge.frame import Rgb

# How each pixel format is made. The first that a device has is taken.
CONVERSIONS = {
    "YUYV": cv2.COLOR_RGB2YUV_YUYV,
    "YU12": cv2.COLOR_RGB2YUV_I420,
    "UYVY": cv2.COLOR_RGB2YUV_UYVY,
}


@dataclass(frozen=True, slots=True)
class Layout:
    """
    How a device wants its pictures.

    Attributes:
        width, height: both even.
        pixel_format: one of ``CONVERSIONS``.
        stride: bytes from one row (of a planar format: of luma) to the next.
        octets: of a whole picture.
    """

    width: int
    height: int
    pixel_format: str
    stride: int
    octets: int


def black(layout: Layout) -> bytes:
    """A black picture."""
    return packed(np.zeros((layout.height, layout.width, 3), np.uint8), layout)


def packed(image: Rgb, layout: Layout) -> bytes:
    """
    ``image`` as the device wants it: whole, its aspect ratio kept, with black beside it.

    Args:
        image: (H, W, 3) uint8 sRGB of any size.
    """
    size = (layout.width, layout.height)
    if (image.shape[1], image.shape[0]) != size:
        where = place((image.shape[1], image.shape[0]), size, "letterbox")
        how = cv2.INTER_AREA if where.width < image.shape[1] else cv2.INTER_LINEAR
        canvas = np.zeros((layout.height, layout.width, 3), np.uint8)
        canvas[where.window] = cv2.resize(image, (where.width, where.height), interpolation=how)
        image = canvas
    coded = np.asarray(cv2.cvtColor(image, CONVERSIONS[layout.pixel_format]), np.uint8)
    if layout.pixel_format == "YU12":  # Y, and below it U and V at half the width and height
        luma, chroma = coded[: layout.height], coded[layout.height :]
        planes = _padded(luma, layout.stride)
        planes += _padded(chroma.reshape(layout.height, -1), layout.stride // 2)
    else:
        planes = _padded(coded.reshape(layout.height, -1), layout.stride)
    return planes.ljust(layout.octets, b"\0")


def _padded(rows: NDArray[np.uint8], stride: int) -> bytes:
    if rows.shape[1] == stride:
        return rows.tobytes()
    wide = np.zeros((rows.shape[0], stride), np.uint8)
    wide[:, : rows.shape[1]] = rows
    return wide.tobytes()
