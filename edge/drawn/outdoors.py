"""Far places: a city as a lens focused on the person shows it, and hills in the mist."""

from __future__ import annotations

import numpy as np

from edge.drawn.canvas import (
    Color,
    Picture,
    Plane,
    box,
    defocus,
    exposed,
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


def city(size: tuple[int, int]) -> Rgb:
    """A city at night from above, its lamps as discs."""
    x, y = grid(size)
    light = gradient(
        y + 0 * x,
        [
            (0.0, (0.004, 0.008, 0.022)),
            (0.45, (0.030, 0.030, 0.060)),
            (0.62, (0.085, 0.055, 0.055)),
            (1.0, (0.008, 0.010, 0.018)),
        ],
    )
    rng = np.random.default_rng(12)
    lamps: list[Color] = [
        (9, 5.2, 2.0),
        (9, 6.4, 3.2),
        (5, 6.5, 9),
        (10, 2.2, 1.4),
        (9, 8, 6),
        (2.2, 6.5, 6),
    ]
    for depth in range(3):  # far to near
        low = 0.60 + 0.10 * depth
        for at in np.arange(-2.1, 2.1, 0.10 + 0.04 * depth):
            wide = rng.uniform(0.06, 0.13) * (1 + 0.3 * depth)
            top = low - rng.uniform(0.04, 0.30 - 0.04 * depth)
            tone = 0.012 + 0.012 * (2 - depth)
            box(light, (at, top, at + wide, 1.0), (tone * 0.7, tone * 0.8, tone * 1.3))
            for _ in range(rng.integers(4, 12)):
                lit = rng.uniform(at + 0.01, at + wide - 0.01), rng.uniform(top + 0.01, 0.92)
                _lamp(light, lit, 0.0028, lamps[rng.integers(len(lamps))], rng.uniform(0.4, 2.4))
    spread = defocus(light, 0.021)
    near = np.zeros_like(light)
    for _ in range(26):
        at_x, at_y = rng.uniform(-1.5, 1.5), rng.uniform(0.50, 1.0)
        _lamp(near, (at_x, at_y), 0.004, lamps[rng.integers(len(lamps))], rng.uniform(0.6, 2.0))
    spread += defocus(near, 0.045)
    return finished(exposed(1.5 * spread + 0.12 * soften(spread, 0.05)))


def _lamp(light: Picture, at: tuple[float, float], half: float, color: Color, power: float) -> None:
    height, width = light.shape[:2]
    pixels = max(1, round(2 * half * height))
    left, top = round(at[0] * height + width / 2), round(at[1] * height)
    if left < 0 or top < 0:
        return
    # The light of the whole lamp, whatever it rounds to in pixels: the same disc at every size.
    gain = power * (2 * half * height / pixels) ** 2
    light[top : top + pixels, left : left + pixels] += np.array(color, np.float32) * gain


def hills(size: tuple[int, int]) -> Rgb:
    """Wooded ridges at dawn, each paler than the one before it."""
    x, y = grid(size)
    picture = gradient(
        y + 0 * x, [(0.0, (118, 150, 190)), (0.34, (226, 196, 178)), (0.52, (250, 218, 176))]
    )
    sun = np.exp(-((x - 0.42) ** 2 + (y - 0.40) ** 2) / 0.05)
    paint(picture, (255, 240, 210), np.asarray(0.75 * sun, np.float32))
    far, near = np.array((206, 184, 176), np.float32), np.array((22, 44, 52), np.float32)
    for i in range(6):
        t = i / 5
        slope, trees = _ridge(size, i)
        below = np.asarray(y - (0.44 + 0.10 * i + 0.085 * slope), np.float32)
        mist = (1 - 0.55 * t) * np.clip(below / 0.16, 0, 1)[..., None]  # it lies in the valleys
        color = far + (near - far) * t**0.8 + mist * np.array((34, 28, 24), np.float32)
        pixel = 0.7 / size[1]
        paint(picture, color, step(-pixel, pixel, below + 0.085 * (0.05 + 0.05 * i) * trees))
    return finished(soften(picture, 0.0022), grain=1.0)


def _ridge(size: tuple[int, int], i: int) -> tuple[Plane, Plane]:
    """(1, W) each: the outline of ridge ``i``, and the trees that stand on it."""
    middle = size[1] // 2
    slope = fractal(size, 1.3 + 0.25 * i, 3, 50 + 9 * i)[middle][None, :]
    trees = np.abs(noise(size, 34 + 6 * i, 90 + i)[middle])[None, :]
    return slope, trees
