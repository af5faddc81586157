"""Smooth shapes with shading and a soft, exact alpha: what the drawn presenter is made of."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.frame import Alpha, Rgb

Point = tuple[float, float]
Color = tuple[int, int, int]
Rgba = NDArray[np.uint8]  # (H, W, 4) sRGB multiplied by its alpha

SHIFT = 4  # OpenCV draws with this many binary digits of a pixel
SUPERSAMPLING = 3


class Sprite:
    """
    A transparent canvas, ``scale`` pixels to the unit, on which shapes are painted in order.

    Args:
        extent: (width, height) of the canvas in units.
    """

    def __init__(self, extent: Point, scale: float) -> None:
        self._scale = scale
        self.width, self.height = (max(1, round(side * scale)) for side in extent)
        self.rgba: Rgba = np.zeros((self.height, self.width, 4), np.uint8)

    def polygon(self, outline: Sequence[Point], color: Color, shade: float = 0.0) -> None:
        """Paint the closed curve that runs smoothly near ``outline``, shaded from the light."""
        self._paint(smooth(outline), color, shade)

    def ellipse(self, center: Point, axes: Point, color: Color, shade: float = 0.0) -> None:
        """Paint an ellipse of half axes ``axes``."""
        turn = np.linspace(0, 2 * np.pi, 72, endpoint=False)
        x, y = center[0] + axes[0] * np.cos(turn), center[1] + axes[1] * np.sin(turn)
        self._paint(np.stack([x, y], axis=1), color, shade)

    def _paint(self, curve: NDArray[np.float64], color: Color, shade: float) -> None:
        pixels = curve * self._scale
        left, top = (max(0, int(low) - 1) for low in pixels.min(axis=0))
        right, bottom = (int(high) + 2 for high in pixels.max(axis=0))
        window = self.rgba[top:bottom, left:right]
        if not window.size:
            return
        mask = _coverage(pixels - (left, top), window.shape[1::-1])
        paint = np.broadcast_to(np.array(color, np.float32), (*mask.shape, 3))
        if shade:
            paint = paint * (1 - shade * self._shadow(mask))[..., None]
        coverage = mask[..., None]
        mixed = window * (1 - coverage)
        mixed[..., :3] += paint * coverage
        mixed[..., 3:] += 255 * coverage
        window[:] = np.rint(mixed)

    def _shadow(self, mask: Alpha) -> Alpha:
        """Light from the upper left: 1 at the lower right rim, 0 where the shape faces it."""
        reach = max(1.0, 0.05 * self._scale)
        move = np.array([[1, 0, -1.6 * reach], [0, 1, -1.2 * reach]], np.float32)
        lit = cv2.warpAffine(mask, move, mask.shape[::-1])
        return np.asarray(1 - cv2.GaussianBlur(lit, (0, 0), reach), np.float32)


def _coverage(pixels: NDArray[np.float64], size: tuple[int, ...]) -> Alpha:
    """The share of each pixel that is inside: counted on a grid finer than the pixels."""
    width, height = size
    fine = np.zeros((height * SUPERSAMPLING, width * SUPERSAMPLING), np.uint8)
    curve = np.asarray(np.rint(pixels * (SUPERSAMPLING * 2**SHIFT)), np.int32)
    cv2.fillPoly(fine, [curve], 255, cv2.LINE_AA, SHIFT)
    coarse = cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(coarse / 255, np.float32)


def smooth(outline: Sequence[Point], rounds: int = 3) -> NDArray[np.float64]:
    """Chaikin's corner cutting on a closed outline."""
    points = np.array(outline, np.float64)
    for _ in range(rounds):
        after = np.roll(points, -1, axis=0)
        pairs = np.stack([0.75 * points + 0.25 * after, 0.25 * points + 0.75 * after], axis=1)
        points = pairs.reshape(-1, 2)
    return points


def place(canvas: Rgba, sprite: Rgba, pivot: Point, target: Point, turn_deg: float) -> None:
    """
    Lay ``sprite`` over ``canvas``, turned about ``pivot``, which comes to lie on ``target``.

    Args:
        pivot: pixels in the sprite. target: pixels in the canvas.
        turn_deg: counter-clockwise.
    """
    matrix = cv2.getRotationMatrix2D(pivot, turn_deg, 1)
    matrix[:, 2] += np.subtract(target, pivot)
    height, width = sprite.shape[:2]
    corners = np.array([(0, 0, 1), (width, 0, 1), (0, height, 1), (width, height, 1)])
    moved = matrix @ corners.T
    left, top = (max(0, int(low) - 1) for low in moved.min(axis=1))
    right, bottom = (max(0, int(high) + 2) for high in moved.max(axis=1))
    window = canvas[top:bottom, left:right]
    if not window.size:
        return
    matrix[:, 2] -= left, top
    turned = cv2.warpAffine(sprite, matrix, window.shape[1::-1], flags=cv2.INTER_LINEAR)
    over(window, np.asarray(turned, np.uint8))


def over(canvas: Rgba, layer: Rgba) -> None:
    """Porter and Duff's "over" on premultiplied colours, in place."""
    gap = cv2.cvtColor(255 - layer[..., 3], cv2.COLOR_GRAY2RGBA)
    gap[..., 3] = gap[..., 0]
    cv2.add(cv2.multiply(canvas, gap, scale=1 / 255), layer, dst=canvas)


def flatten(rgba: Rgba, room: Rgb) -> tuple[Rgb, Alpha]:
    """(the picture of ``rgba`` before ``room``, its exact alpha)."""
    gap = cv2.cvtColor(255 - rgba[..., 3], cv2.COLOR_GRAY2RGB)
    picture = cv2.add(cv2.multiply(room, gap, scale=1 / 255), np.ascontiguousarray(rgba[..., :3]))
    return np.asarray(picture, np.uint8), np.asarray(rgba[..., 3] / 255, np.float32)
