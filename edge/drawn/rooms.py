"""Rooms, seen by a lens that is focused on the person: drawn in linear light, then defocused."""

from __future__ import annotations

import numpy as np

from edge.drawn.canvas import (
    Color,
    Picture,
    Plane,
    box,
    defocus,
    exposed,
    fill,
    finished,
    gradient,
    grid,
    linear,
    paint,
    soften,
)
from edge.frame import Rgb


def office(size: tuple[int, int]) -> Rgb:
    """A bright office: tall windows to the left, shelves and a lamp to the right."""
    x, y = grid(size)
    light = gradient(x + 0 * y, [(-1.0, (0.62, 0.62, 0.60)), (1.0, (0.30, 0.29, 0.28))])
    _windows(light, x, y)
    box(light, (-4, 0.90, 4, 1.0), linear((92, 78, 66)))  # the floor
    _shelf(light, 0.42, 1.02, seed=3)
    box(light, (-0.62, 0.74, 0.16, 0.765), linear((196, 164, 128)))  # a desk, its screen and chair
    for leg in (-0.58, 0.11):
        box(light, (leg, 0.765, leg + 0.02, 0.95), linear((60, 60, 62)))
    box(light, (-0.36, 0.55, -0.06, 0.71), linear((34, 38, 44)))
    box(light, (-0.345, 0.565, -0.075, 0.695), (0.42, 0.55, 0.70))
    box(light, (-0.225, 0.71, -0.195, 0.74), linear((40, 42, 46)))
    _plant(light, x, y, (-0.80, 0.86), 0.30)
    _plant(light, x, y, (0.29, 0.90), 0.22)
    for lamp in (-0.18, 0.12, 0.42):
        box(light, (lamp - 0.002, 0, lamp + 0.002, 0.16), linear((40, 40, 40)))
        bulb = np.asarray(np.hypot(x - lamp, (y - 0.18) * 1.1) < 0.028, np.float32)
        paint(light, (5.0, 3.4, 1.7), bulb)
    haze = soften(np.minimum(light, 2.0), 0.09)
    return finished(exposed(0.86 * defocus(light, 0.017) + 0.14 * haze))


def _windows(light: Picture, x: Plane, y: Plane) -> None:
    sky = gradient(
        y + 0 * x, [(0.0, (0.72, 1.0, 1.5)), (0.55, (1.3, 1.5, 1.7)), (0.8, (0.7, 0.95, 0.5))]
    )
    trees = 0.58 + 0.03 * np.sin(15 * x + 1) + 0.02 * np.sin(37 * x) + 0.012 * np.sin(71 * x)
    paint(sky, (0.30, 0.50, 0.24), np.asarray((y > trees) * 0.8, np.float32))
    for left in (-1.62, -1.14, -0.66):
        pane = (x > left) & (x < left + 0.44) & (y > 0.05) & (y < 0.80)
        bars = (np.abs(x - left - 0.22) < 0.008) | (np.abs(y - 0.30) < 0.008)
        paint(light, sky, np.asarray(pane & ~bars, np.float32))


def _shelf(light: Picture, left: float, right: float, seed: int) -> None:
    """Open shelves with books and boxes on them."""
    rng = np.random.default_rng(seed)
    box(light, (left, 0.12, right, 0.90), linear((120, 100, 82)))
    covers: list[Color] = [
        (176, 62, 50),
        (42, 84, 120),
        (224, 204, 164),
        (60, 104, 84),
        (216, 148, 60),
    ]
    covers += [(238, 236, 230), (84, 62, 92), (32, 40, 52), (150, 170, 176)]
    for shelf in range(4):
        top, bottom = 0.14 + 0.19 * shelf, 0.31 + 0.19 * shelf
        box(light, (left + 0.015, top, right - 0.015, bottom), linear((74, 60, 50)))
        at = left + 0.03
        while at < right - 0.06:
            if rng.random() < 0.16:  # a gap
                at += rng.uniform(0.04, 0.12)
                continue
            width, height = rng.uniform(0.014, 0.036), rng.uniform(0.10, 0.155)
            cover = covers[rng.integers(len(covers))]
            box(light, (at, bottom - height, min(at + width, right - 0.02), bottom), linear(cover))
            at += width + 0.002


def _plant(light: Picture, x: Plane, y: Plane, foot: tuple[float, float], tall: float) -> None:
    rng = np.random.default_rng(round(foot[0] * 100) % 97)
    near_x = np.flatnonzero(np.abs(x[0] - foot[0]) < tall)
    near_y = np.flatnonzero(np.abs(y[:, 0] - foot[1]) < 1.5 * tall)
    if not near_x.size:
        return  # outside a narrow picture
    columns, rows = slice(near_x[0], near_x[-1] + 1), slice(near_y[0], near_y[-1] + 1)
    for _ in range(34):
        turn, reach = rng.uniform(-2.9, -0.25), rng.uniform(0.25, 0.9) * tall
        du = x[:, columns] - foot[0] - 0.55 * reach * np.cos(turn)
        dv = y[rows] - foot[1] + 0.35 * tall - reach * np.sin(turn)
        along = du * np.cos(turn) + dv * np.sin(turn)
        across = dv * np.cos(turn) - du * np.sin(turn)
        leaf = (along / (0.24 * tall)) ** 2 + (across / (0.07 * tall)) ** 2 < 1
        green = linear((40 + rng.uniform(0, 50), 96 + rng.uniform(-20, 50), 50))
        paint(light[rows, columns], green, np.asarray(leaf, np.float32))
    box(
        light,
        (foot[0] - 0.07, foot[1] - 0.05, foot[0] + 0.07, foot[1] + 0.08),
        linear((226, 220, 210)),
    )


def library(size: tuple[int, int]) -> Rgb:
    """A wall of books by lamplight."""
    x, y = grid(size)
    light = fill(size, linear((58, 38, 26)))
    for i in range(-4, 4):
        _shelf(light, 0.5 * i + 0.01, 0.5 * i + 0.49, seed=20 + i)
    box(light, (-4, 0.0, 4, 0.12), linear((70, 46, 30)))
    box(light, (-4, 0.90, 4, 1.0), linear((70, 46, 30)))
    light *= np.array((1.15, 0.78, 0.46), np.float32)
    glow = np.exp(-(((x - 0.62) / 0.62) ** 2 + ((y - 0.40) / 0.50) ** 2))
    glow = 0.16 + 1.9 * glow + 0.85 * np.exp(-(((x + 0.95) / 0.45) ** 2 + ((y - 0.62) / 0.5) ** 2))
    light = light * np.asarray(glow, np.float32)[..., None]
    for lamp_x, lamp_y in ((0.66, 0.46), (-0.98, 0.66)):
        shade = (np.abs(x - lamp_x) < 0.055 + 0.35 * (y - lamp_y + 0.06)) & (
            np.abs(y - lamp_y) < 0.06
        )
        paint(light, (3.4, 2.0, 0.85), np.asarray(shade, np.float32))
    bloom = soften(np.minimum(light, 2.5), 0.08)
    return finished(exposed(0.88 * defocus(light, 0.013) + 0.16 * bloom))
