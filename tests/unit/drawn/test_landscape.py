"""A portrait clip in a landscape frame: the middle stays as it is, the wall goes on."""

from __future__ import annotations

import numpy as np
import pytest

from edge.drawn.landscape import Landscape
from edge.frame import Rgb

WALL, SHIRT = (120, 140, 90), (250, 20, 20)
SIZE, WIDTH = (640, 360), 320


@pytest.fixture
def landscape() -> Landscape:
    return Landscape(SIZE, WIDTH, wall_until=0.8, shoulder=(0.2, 0.85))


@pytest.fixture
def clip() -> Rgb:
    """A wall, and a shirt that fills the lower part from rim to rim."""
    image = np.full((SIZE[1], WIDTH, 3), WALL, np.uint8)
    image[300:] = SHIRT
    return image


def test_the_middle_of_the_clip_is_untouched(landscape: Landscape, clip: Rgb) -> None:
    wide = landscape.widen(clip)
    assert wide.shape == (SIZE[1], SIZE[0], 3)
    begin = (SIZE[0] - WIDTH) // 2
    kept = np.s_[:, WIDTH // 4 : 3 * WIDTH // 4]
    assert np.array_equal(wide[:, begin : begin + WIDTH][kept], clip[kept])


def test_the_wall_goes_on_to_both_sides_down_to_the_floor(landscape: Landscape, clip: Rgb) -> None:
    wide = landscape.widen(clip)
    sides = np.concatenate([wide[:, :160], wide[:, 480:]], axis=1).astype(int)
    assert np.abs(sides - WALL).max() <= 2  # not a thread of the shirt


def test_the_shoulder_ends_round(landscape: Landscape, clip: Rgb) -> None:
    wide = landscape.widen(clip)[:, 160:224].astype(int)
    shirt = wide[..., 0] > 200
    rows = shirt[325:].sum(axis=1)  # below where the clip fades into the wall
    assert (np.diff(rows) >= 0).all()  # wider from row to row
    assert rows[0] < rows[-1]


def test_the_clip_is_not_written_to(landscape: Landscape, clip: Rgb) -> None:
    before = clip.copy()
    landscape.widen(clip)
    assert np.array_equal(clip, before)
