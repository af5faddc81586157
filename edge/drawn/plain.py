"""Gradients, patterns and walls: calm grounds that leave the eye to the person."""

from __future__ import annotations

import numpy as np

from edge.drawn.canvas import (
    Plane,
    fill,
    finished,
    fractal,
    gradient,
    grid,
    noise,
    paint,
    soften,
    step,
)
from edge.frame import Rgb


def studio(size: tuple[int, int]) -> Rgb:
    """A grey paper roll: a pool of light behind the person, falling off to the corners."""
    x, y = grid(size)
    pool = np.exp(-(((x - 0.06) / 0.75) ** 2 + ((y - 0.42) / 0.62) ** 2))
    sweep = step(0.80, 1.02, y) * 0.10  # where the paper curves towards the camera
    light = 0.30 + 0.62 * pool + sweep + 0.012 * fractal(size, 5, 3, 11)
    return finished(
        gradient(light, [(0.2, (44, 46, 51)), (0.6, (118, 121, 127)), (1.0, (196, 197, 200))])
    )


def sunlit(size: tuple[int, int]) -> Rgb:
    """A plaster wall, and on it the light of a window and the shadow of a branch."""
    x, y = grid(size)
    grainy = 2.2 * fractal(size, 14, 4, 21) + 3 * fractal(size, 2, 2, 27)
    wall = gradient(y + 0.25 * x, [(0.0, (206, 194, 180)), (1.2, (168, 153, 139))])
    u: Plane = np.asarray(x - 0.32 * (y - 0.5) + 0.10, np.float32)
    v: Plane = np.asarray(y + 0.16 * x, np.float32)  # the sun stands to the left, and high
    panes = np.zeros((size[1], size[0]), np.float32)
    for column in range(3):
        for row in range(3):
            left, top = -0.50 + 0.37 * column, 0.06 + 0.29 * row
            pane = (u > left) & (u < left + 0.33) & (v > top) & (v < top + 0.25)
            panes[pane] = 1
    shade = 1 - 0.75 * soften(_branch(u, v), 0.010)
    sun = np.asarray(soften(panes, 0.008) * shade, np.float32)
    wall += (grainy * (0.6 + 0.5 * sun))[..., None]
    paint(wall, (255, 236, 206), np.float32(0.72) * sun)
    return finished(wall)


def _branch(u: Plane, v: Plane) -> Plane:
    shade = np.zeros(np.broadcast_shapes(u.shape, v.shape), np.float32)
    rng = np.random.default_rng(5)
    for along in np.linspace(0, 1, 26):
        stem_u, stem_v = 0.75 - 0.75 * along, 0.02 + 0.52 * along + 0.10 * np.sin(4 * along)
        turn = 2.3 + rng.uniform(-1.1, 1.1)
        length, width = rng.uniform(0.055, 0.085), rng.uniform(0.014, 0.022)
        du, dv = u - stem_u - 0.05 * np.cos(turn), v - stem_v - 0.05 * np.sin(turn)
        lengthwise = du * np.cos(turn) + dv * np.sin(turn)
        across = dv * np.cos(turn) - du * np.sin(turn)
        shade[(lengthwise / length) ** 2 + (across / width) ** 2 < 1] = 1
    return shade


def silk(size: tuple[int, int]) -> Rgb:
    """Soft pools of colour that run into each other."""
    x, y = grid(size)
    u, v = x + 0.22 * noise(size, 1.6, 31), y + 0.22 * noise(size, 1.6, 32)
    picture = gradient(v + 0 * u, [(0.0, (52, 42, 124)), (1.0, (24, 70, 140))])
    pools = (
        ((-0.75, 0.15), 0.55, (92, 84, 214)),
        ((0.75, 0.05), 0.60, (226, 98, 158)),
        ((0.15, 0.55), 0.40, (128, 96, 226)),
        ((-0.65, 0.95), 0.55, (36, 158, 190)),
        ((0.80, 0.95), 0.50, (248, 164, 126)),
    )
    for (at_x, at_y), reach, color in pools:
        paint(
            picture,
            color,
            np.asarray(
                0.92 * np.exp(-1.6 * ((u - at_x) ** 2 + (v - at_y) ** 2) / reach**2), np.float32
            ),
        )
    folds = np.sin(9 * (u * 0.8 + v) + 2 * noise(size, 1.1, 35))
    return finished(picture + 6 * np.asarray(folds, np.float32)[..., None])


def paper(size: tuple[int, int]) -> Rgb:
    """Sheets of cut paper, wave over wave, each with its shadow on the one behind."""
    x, y = grid(size)
    picture = gradient(y + 0 * x, [(0.0, (246, 226, 204)), (0.6, (238, 196, 168))])
    sheets = (
        (236, 178, 150),
        (214, 144, 130),
        (170, 112, 122),
        (112, 88, 114),
        (62, 66, 98),
        (34, 46, 74),
    )
    pixel = 1 / size[1]
    for i, color in enumerate(sheets):
        wave = np.sin(x * (2.4 + 0.5 * i) + 1.9 * i) + 0.45 * np.sin(x * (5.3 - 0.4 * i) + 4.1 * i)
        edge = 0.36 + 0.115 * i + 0.045 * wave
        below = np.asarray(y - edge, np.float32)
        shadow = np.exp(-np.maximum(-below - 0.002, 0) / 0.022) * 0.34
        paint(
            picture, (40, 26, 40), np.asarray(shadow * (1 - step(-pixel, pixel, below)), np.float32)
        )
        lit = np.asarray(color, np.float32) + (10 - 40 * np.clip(below, 0, 0.5))[..., None]
        paint(picture, lit, step(-pixel, pixel, below))
    return finished(picture + 1.1 * fractal(size, 110, 2, 41)[..., None])


def facets(size: tuple[int, int]) -> Rgb:
    """A wall of triangles in one colour, each at its own angle to the light."""
    x, y = grid(size)
    side = 0.24
    b = y / (0.866 * side)
    a = x / side + 32 - 0.5 * b  # skewed: two triangles to a cell
    column, row = np.floor(a), np.floor(b)
    lower = (a - column) + (b - row) > 1
    cell = (row.astype(int) + 0 * column.astype(int)) % 64, column.astype(int) % 64
    tint = np.random.default_rng(8).uniform(-1, 1, (64, 64, 2))[cell[0], cell[1], lower.astype(int)]
    slope = 0.5 - 0.30 * (x / 1.8) - 0.40 * (y - 0.5)
    light = np.asarray(slope + 0.10 * tint, np.float32)
    stops = [
        (0.0, (10, 36, 58)),
        (0.45, (22, 86, 112)),
        (0.8, (70, 156, 168)),
        (1.1, (158, 214, 208)),
    ]
    return finished(gradient(light, stops))


def dots(size: tuple[int, int]) -> Rgb:
    """Mid-century dots on a deep ground, larger towards a corner."""
    x, y = grid(size)
    cell = 0.075
    row = np.floor(y / cell)
    column_x = x / cell + 0.5 * (row % 2)
    dx, dy = column_x - np.floor(column_x) - 0.5, y / cell - row - 0.5
    radius = 0.10 + 0.26 * np.clip(0.5 + 0.32 * (x + 1.5 * (y - 0.5)), 0, 1)
    inside = step(-0.5, 0.5, np.asarray((radius - np.hypot(dx, dy)) * cell * size[1], np.float32))
    picture = fill(size, (24, 48, 66))
    picture += gradient(0 * x + y, [(0.0, (10, 12, 14)), (1.0, (-8, -10, -8))])
    paint(picture, (232, 168, 92), 0.72 * inside)
    return finished(picture)
