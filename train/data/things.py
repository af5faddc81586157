"""
Things that stand out and are nobody: pieces of pictures without people, cut out and put in a room.

A network that began with salient objects takes a bowl or a cushion for a person until it has seen
many. Their shapes are drawn, since pictures of cut-out things with a free licence are few.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.frame import Rgb
from edge.media.cover import cover

MOST = 3  # in a room
CORNERS = 14  # of a shape's outline, at most


def with_things(rng: np.random.Generator, room: Rgb, texture: Rgb) -> Rgb:
    """
    A copy of ``room`` with one to three things in it.

    Args:
        room: (H, W, 3) uint8 RGB.
        texture: a picture without people, of any size: their surfaces are pieces of it.
    """
    height, width = room.shape[:2]
    seen = room.astype(np.float32)
    for _ in range(int(rng.integers(1, MOST + 1))):
        wide = int(width * rng.uniform(0.1, 0.7))
        high = int(height * rng.uniform(0.15, 0.9))
        surface = _lit(rng, cover(_piece(rng, texture), (max(8, wide), max(8, high))))
        alpha = _shape(rng, surface.shape[1], surface.shape[0])
        top = int(rng.uniform(0, height - high * 0.5))
        left = int(rng.uniform(-0.3 * wide, width - 0.7 * wide))
        _paste(seen, surface, alpha, left, top)
    return np.clip(np.rint(seen), 0, 255).astype(np.uint8)


def _piece(rng: np.random.Generator, picture: Rgb) -> Rgb:
    height, width = picture.shape[:2]
    wide, high = (max(8, int(side * rng.uniform(0.15, 0.6))) for side in (width, height))
    x, y = int(rng.integers(0, width - wide + 1)), int(rng.integers(0, height - high + 1))
    return np.ascontiguousarray(picture[y : y + high, x : x + wide])


def _lit(rng: np.random.Generator, surface: Rgb) -> NDArray[np.float32]:
    """Rounded by light from a side, and of a colour that may stand out."""
    across = np.linspace(-1, 1, surface.shape[1], dtype=np.float32)[None, :, None]
    light = 1 + np.float32(rng.uniform(-0.5, 0.5)) * across - 0.3 * across**2
    tint = np.exp(rng.normal(0, 0.3, 3)).astype(np.float32)
    lit = surface * light * tint
    if rng.random() < 0.4:  # a nearly plain thing
        mean = lit.mean(axis=(0, 1), keepdims=True)
        lit = mean * light + 0.25 * (lit - mean)
    return np.asarray(lit, np.float32)


def _shape(rng: np.random.Generator, width: int, height: int) -> NDArray[np.float32]:
    """(height, width) alpha in [0, 1]: an ellipse, a box, or an outline at random."""
    drawn = np.zeros((height, width), np.uint8)
    centre = (width // 2, height // 2)
    lot = rng.random()
    if lot < 0.3:
        cv2.ellipse(drawn, centre, (width // 2 - 1, height // 2 - 1), 0, 0, 360, 255, -1)
    elif lot < 0.5:
        cv2.rectangle(drawn, (1, 1), (width - 2, height - 2), 255, -1)
    else:
        corners = int(rng.integers(5, CORNERS + 1))
        angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
        reach = rng.uniform(0.35, 1, corners) * 0.5
        outline = np.column_stack(
            (width * (0.5 + reach * np.cos(angles)), height * (0.5 + reach * np.sin(angles)))
        )
        cv2.fillPoly(drawn, [np.rint(outline).astype(np.int32)], 255)
        if rng.random() < 0.7:  # round its corners
            soft = max(1.0, min(width, height) / 12)
            drawn = np.asarray(cv2.GaussianBlur(drawn, (0, 0), soft) > 127, np.uint8) * 255
    edge = cv2.GaussianBlur(drawn, (0, 0), float(rng.uniform(0.6, 1.6)))
    return np.asarray(edge.astype(np.float32) / 255, np.float32)


def _paste(
    seen: NDArray[np.float32],
    surface: NDArray[np.float32],
    alpha: NDArray[np.float32],
    left: int,
    top: int,
) -> None:
    height, width = seen.shape[:2]
    x, y = max(0, left), max(0, top)
    right = min(width, left + surface.shape[1])
    bottom = min(height, top + surface.shape[0])
    if right <= x or bottom <= y:
        return
    part = np.s_[y - top : bottom - top, x - left : right - left]
    a = alpha[part][..., None]
    seen[y:bottom, x:right] += a * (surface[part] - seen[y:bottom, x:right])
