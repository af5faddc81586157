"""A drawn room to stand in: a wall, a window, a picture, a shelf with books, a plant."""

from __future__ import annotations

import cv2
import numpy as np

from edge.drawn.sprites import Color, Sprite, flatten
from edge.frame import Rgb

WALL, WOOD = (206, 196, 180), (142, 104, 72)
BOOKS: tuple[Color, ...] = (
    (150, 62, 54),
    (66, 96, 110),
    (196, 160, 88),
    (86, 110, 78),
    (92, 72, 104),
)


def indoors(size: tuple[int, int]) -> Rgb:
    """A (height, width, 3) uint8 sRGB picture, a little out of focus, the same at each call."""
    width, height = size
    aspect = width / height
    sprite = Sprite((aspect, 1.0), height)
    _window(sprite, 0.14 * aspect)
    _picture(sprite, 0.84 * aspect)
    _shelf(sprite, 0.84 * aspect)
    _plant(sprite, 0.93 * aspect)
    picture, _ = flatten(sprite.rgba, _wall(width, height))
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), max(0.5, height / 300)), np.uint8)


def _wall(width: int, height: int) -> Rgb:
    """Daylight from the left, darker towards the right and the floor."""
    across = np.linspace(1.08, 0.74, width, dtype=np.float32)[None, :, None]
    down = np.linspace(1.03, 0.88, height, dtype=np.float32)[:, None, None]
    return np.asarray(np.clip(np.array(WALL, np.float32) * across * down, 0, 255), np.uint8)


def _box(
    sprite: Sprite, left: float, top: float, right: float, bottom: float, color: Color
) -> None:
    """A box with corners: a curve through doubled points is nearly straight."""
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    sprite.polygon([corner for corner in corners for _ in range(4)], color)


def _window(sprite: Sprite, x: float) -> None:
    _box(sprite, x - 0.23, 0.06, x + 0.23, 0.78, (238, 234, 226))
    for step in range(12):  # the sky pales towards the horizon
        top = 0.09 + 0.055 * step
        sky = (150 + 7 * step, 190 + 4 * step, 224)
        _box(sprite, x - 0.20, top, x + 0.20, top + 0.056, sky)
    sprite.polygon(
        [(x - 0.2, 0.75), (x - 0.2, 0.62), (x, 0.56), (x + 0.2, 0.64), (x + 0.2, 0.75)],
        (118, 140, 104),
    )
    _box(sprite, x - 0.012, 0.08, x + 0.012, 0.76, (232, 228, 220))
    _box(sprite, x - 0.21, 0.39, x + 0.21, 0.41, (232, 228, 220))
    _box(sprite, x - 0.26, 0.77, x + 0.26, 0.81, (224, 218, 208))


def _picture(sprite: Sprite, x: float) -> None:
    _box(sprite, x - 0.13, 0.03, x + 0.13, 0.19, (92, 78, 66))
    _box(sprite, x - 0.115, 0.045, x + 0.115, 0.175, (232, 222, 202))
    sprite.ellipse((x - 0.04, 0.10), (0.03, 0.03), (208, 118, 78))
    sprite.ellipse((x + 0.04, 0.125), (0.045, 0.032), (96, 128, 130))


def _shelf(sprite: Sprite, x: float) -> None:
    for row, shelf_y in enumerate((0.40, 0.66)):
        left = x - 0.22
        for number in range(9):
            width = 0.024 + 0.009 * ((number * 7 + row * 3) % 4)
            tall = 0.11 + 0.012 * ((number * 5 + row) % 5)
            _box(sprite, left, shelf_y - tall, left + width, shelf_y, BOOKS[(number + row * 2) % 5])
            left += width + 0.003
        _box(sprite, x - 0.26, shelf_y, x + 0.26, shelf_y + 0.022, WOOD)


def _plant(sprite: Sprite, x: float) -> None:
    for bend in (-0.13, -0.08, -0.03, 0.03, 0.08):
        leaf = [(x, 0.84), (x + 0.5 * bend - 0.03, 0.74), (x + bend, 0.66 + abs(bend))]
        sprite.polygon([*leaf, (x + 0.5 * bend + 0.03, 0.76)], (74, 112, 66), 0.3)
    sprite.polygon(
        [(x - 0.07, 0.83), (x + 0.07, 0.83), (x + 0.05, 1.0), (x - 0.05, 1.0)], (172, 98, 66), 0.3
    )
