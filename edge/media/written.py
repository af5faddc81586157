"""Pixels as a picture file."""

from __future__ import annotations

import io
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edge.frame import Alpha

Pixels = NDArray[np.uint8]  # (H, W, 3) RGB, (H, W, 4) RGBA or (H, W) grey
Encoding = Literal["png", "webp"]

BGR = {(3,): cv2.COLOR_RGB2BGR, (4,): cv2.COLOR_RGBA2BGRA}  # as OpenCV wants them
WEBP_SIDE = 16383  # pixels, by its format
WEBP_QUALITY = 90  # of RGB; what is transparent, and grey, is kept without loss
WEBP_EFFORT = 20  # of 100, to find fewer bytes for the same pixels


def grey(alpha: Alpha) -> Pixels:
    """(H, W) in [0, 1] as (H, W) uint8."""
    return np.asarray(np.rint(alpha * np.float32(255)), np.uint8)


def written(pixels: Pixels, encoding: Encoding = "png") -> bytes:
    """
    The file of RGB, RGBA or grey pixels. Takes tens of milliseconds for a megapixel.

    Args:
        encoding: "png", or "webp", which is lossy for RGB alone; of ``WEBP_SIDE`` at most.
    """
    return _png(pixels) if encoding == "png" else _webp(pixels)


def _png(pixels: Pixels) -> bytes:
    """By OpenCV, which takes less than half of Pillow's time."""
    order = BGR.get(pixels.shape[2:])
    image = pixels if order is None else cv2.cvtColor(pixels, order)
    done, encoded = cv2.imencode(".png", image, [cv2.IMWRITE_PNG_COMPRESSION, 3])
    if not done:
        raise RuntimeError("this build of OpenCV cannot write PNG")
    return encoded.tobytes()


def _webp(pixels: Pixels) -> bytes:
    """By Pillow: OpenCV's cannot trade effort for bytes where nothing may be lost."""
    lossless = pixels.shape[2:] != (3,)
    file = io.BytesIO()
    quality = WEBP_EFFORT if lossless else WEBP_QUALITY
    Image.fromarray(pixels).save(file, "webp", lossless=lossless, quality=quality, method=2)
    return file.getvalue()
