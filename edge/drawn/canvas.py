"""
What the drawn backgrounds are made with.

Lengths are in picture heights and x = 0 is the middle, so that a drawing looks the same at any size
and shows more at its sides the wider it is. Colours are sRGB 0..255, or linear light where a lens
is imitated: defocus spreads light, not sRGB values.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.frame import Rgb

Plane = NDArray[np.float32]  # (H, W), (H, 1) or (1, W)
Picture = NDArray[np.float32]  # (H, W, 3)
Color = tuple[float, float, float]
NARROW_PX = 6.0  # up to twice so wide, a blur is done at the picture's own size
WIDEST = 4  # noise is laid out for pictures up to this many times as wide as high


def grid(size: tuple[int, int]) -> tuple[Plane, Plane]:
    """x (1, W) around 0 and y (H, 1) from 0 above to 1 below, at the pixels' centres."""
    width, height = size
    x = (np.arange(width)[None, :] + 0.5 - width / 2) / height
    y = (np.arange(height)[:, None] + 0.5) / height
    return x.astype(np.float32), y.astype(np.float32)


def fill(size: tuple[int, int], color: Color) -> Picture:
    return np.full((size[1], size[0], 3), color, np.float32)


def step(low: float, high: float, value: Plane) -> Plane:
    """0 below ``low``, 1 above ``high``, smooth between them."""
    t = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def gradient(value: Plane, stops: Sequence[tuple[float, Color]]) -> Picture:
    """The colour of each value: ``stops`` are (value, colour), ascending."""
    at = [stop for stop, _ in stops]
    channels = [np.interp(value, at, [color[c] for _, color in stops]) for c in range(3)]
    return np.stack(channels, -1).astype(np.float32)


def paint(picture: Picture, color: Color | Picture, mask: Plane) -> None:
    """Lay ``color`` over ``picture``, in place, where ``mask`` is 1."""
    picture += (np.asarray(color, np.float32) - picture) * mask[..., None]


def box(picture: Picture, corners: tuple[float, float, float, float], color: Color) -> None:
    """Fill x0, y0, x1, y1, in place. Edges are not smoothed: for what is defocused later."""
    height, width = picture.shape[:2]
    left, right = (round(corner * height + width / 2) for corner in corners[::2])
    top, bottom = (round(corner * height) for corner in corners[1::2])
    picture[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = color


def noise(size: tuple[int, int], cells: float, seed: int) -> Plane:
    """Smooth noise in about [-1, 1], ``cells`` hills to a picture height."""
    width, height = size
    rows = int(np.ceil(cells)) + 3
    knots = np.random.default_rng(seed).uniform(-1, 1, (rows, rows * WIDEST)).astype(np.float32)
    scale = height / cells
    shift_x = width / 2 - rows * WIDEST / 2 * scale
    place = np.array([[scale, 0, shift_x], [0, scale, -0.5 * scale]], np.float32)
    edges = cv2.BORDER_REFLECT
    warped = cv2.warpAffine(knots, place, size, flags=cv2.INTER_CUBIC, borderMode=edges)
    return np.asarray(warped, np.float32)


def fractal(size: tuple[int, int], cells: float, octaves: int, seed: int) -> Plane:
    """Noise on noise, each octave half as high and wide, in about [-1, 1]."""
    layers = [noise(size, cells * 2**i, seed + i) / 2**i for i in range(octaves)]
    return np.asarray(sum(layers), np.float32)


def soften(plane: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    """Gaussian blur, ``sigma`` in picture heights."""

    def blur(small: NDArray[np.float32], pixels: float) -> NDArray[np.float32]:
        return np.asarray(cv2.GaussianBlur(small, (0, 0), max(pixels, 0.01)), np.float32)

    return _spread(plane, sigma, blur)


def defocus(light: Picture, radius: float) -> Picture:
    """
    What a lens out of focus makes of linear ``light``: every point becomes a disc.

    Args:
        radius: of the disc, in picture heights.
    """

    def lens(small: NDArray[np.float32], pixels: float) -> NDArray[np.float32]:
        pixels = max(pixels, 0.5)
        reach = int(np.ceil(pixels))
        d = np.arange(-reach, reach + 1, dtype=np.float32)
        disc = np.clip(pixels + 0.5 - np.hypot(d[:, None], d[None, :]), 0, 1)
        spread = cv2.filter2D(small, -1, disc / disc.sum(), borderType=cv2.BORDER_REFLECT)
        return np.asarray(spread, np.float32)

    return np.maximum(_spread(light, radius, lens), 0)


def _spread(
    plane: NDArray[np.float32],
    width: float,
    blur: Callable[[NDArray[np.float32], float], NDArray[np.float32]],
) -> NDArray[np.float32]:
    """
    ``blur`` of ``plane``; ``width`` is in picture heights, and ``blur`` gets it in pixels.

    A wide blur leaves nothing that a smaller picture could not hold, and there it costs hundreds of
    times less: the picture is shrunk until the blur is about NARROW_PX wide, and enlarged again.
    """
    rows, columns = plane.shape[:2]
    shrink = max(1, int(width * rows / NARROW_PX))
    if shrink == 1:
        return blur(plane, width * rows)
    size = (max(1, columns // shrink), max(1, rows // shrink))
    small = np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.float32)
    blurred = blur(small, width * size[1])
    large = cv2.resize(blurred, (columns, rows), interpolation=cv2.INTER_LINEAR)
    return np.asarray(large, np.float32)


def linear(color: Color) -> Color:
    """sRGB 0..255 as linear light 0..1 (a plain power of 2.2)."""
    red, green, blue = ((channel / 255) ** 2.2 for channel in color)
    return red, green, blue


def exposed(light: Picture) -> Picture:
    """Linear light as sRGB 0..255; highlights roll off instead of clipping."""
    soft = np.where(light < 0.6, light, 0.6 + 0.4 * (1 - np.exp(-(light - 0.6) / 0.4)))
    return np.asarray(255 * soft ** (1 / 2.2), np.float32)


def finished(picture: Picture, grain: float = 0.7) -> Rgb:
    """Round to 8 bits. A little grain, as a camera has, keeps soft gradients from banding."""
    height, width = picture.shape[:2]
    dither = np.random.default_rng(1).normal(0, grain, (height, width, 1)).astype(np.float32)
    return np.ascontiguousarray(np.clip(np.rint(picture + dither), 0, 255).astype(np.uint8))
