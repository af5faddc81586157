"""Where people and things lie in the scenes that are made."""

from __future__ import annotations

import numpy as np
import pytest

from edge.frame import Rgb
from train.data.framing import stand
from train.data.things import with_things

FRAME = (320, 192)


def boxes(box: tuple[int, int, int, int], picture: tuple[int, int]) -> np.ndarray:
    """(N, 2): the rows at which a cut-out's top and bottom come to lie."""
    rows = []
    for seed in range(200):
        framing = stand(np.random.default_rng(seed), box, picture, FRAME)
        high = (box[3] - box[1]) * framing.scale[1]
        rows.append((framing.at[1] - high, framing.at[1]))
    return np.array(rows)


def test_who_is_cut_off_by_the_picture_is_cut_off_by_the_frame() -> None:
    rows = boxes((20, 30, 180, 300), (200, 300))
    assert (rows[:, 1] >= FRAME[1]).all()


def test_who_is_seen_whole_may_stand_far_away() -> None:
    rows = boxes((60, 30, 140, 280), (200, 300))
    far = rows[:, 1] < 0.95 * FRAME[1]
    assert 0.2 < far.mean() < 0.6
    heights = (rows[:, 1] - rows[:, 0])[far] / FRAME[1]
    assert heights.min() < 0.35
    assert (rows[far, 0] >= -1).all()  # and is in the frame from head to foot


@pytest.mark.parametrize("seed", range(8))
def test_things_are_put_into_a_room_and_leave_the_rest_as_it_is(seed: int) -> None:
    rng = np.random.default_rng(seed)
    room = np.full((96, 160, 3), 90, np.uint8)
    texture: Rgb = rng.integers(0, 255, (200, 300, 3), np.uint8)
    seen = with_things(rng, room, texture)
    changed = (seen != room).any(axis=2).mean()
    assert seen.shape == room.shape
    assert seen.dtype == np.uint8
    assert 0 < changed < 1
    assert (room == 90).all()


def test_a_tiny_texture_is_enough() -> None:
    room = np.zeros((40, 40, 3), np.uint8)
    assert with_things(np.random.default_rng(0), room, np.full((9, 9, 3), 200, np.uint8)).any()
