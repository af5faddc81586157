"""The drawn presenter: a person with an alpha that is exact, the same at every run."""

from __future__ import annotations

import numpy as np
import pytest

from edge.drawn.presenter import LOOP_S, Pose, paint

SIZE = (640, 360)


def test_the_alpha_is_what_the_picture_was_composed_with() -> None:
    """I = aF + (1 - a)B with the same F: two rooms differ by (1 - a) times their difference."""
    dark, alpha = paint(90, SIZE, (0, 0, 0))
    bright, same = paint(90, SIZE, (255, 255, 255))
    assert np.array_equal(alpha, same)
    difference = (bright.astype(np.float32) - dark) / 255
    assert np.abs(difference - (1 - alpha)[..., None]).max() <= 1.01 / 255
    assert alpha.dtype == np.float32
    assert alpha.min() == 0
    assert alpha.max() == 1


def test_a_marker_room_is_pure_outside_the_person() -> None:
    image, alpha = paint(0, SIZE, (255, 0, 255))
    assert (image[alpha == 0] == (255, 0, 255)).all()
    assert not (image[alpha == 1] == (255, 0, 255)).all(axis=1).any()


def test_the_person_fills_a_good_part_and_touches_the_lower_edge_only() -> None:
    for index in range(0, 360, 20):
        _, alpha = paint(index, SIZE)
        assert 0.2 < alpha.mean() < 0.5
        assert alpha[0].max() == 0
        assert alpha[:, 0].max() == 0
        assert alpha[:, -1].max() == 0
        assert alpha[-1].max() == 1


def test_edges_are_soft() -> None:
    _, alpha = paint(0, SIZE)
    soft = (alpha > 0.05) & (alpha < 0.95)
    assert 300 < soft.sum() < 20_000


def test_moves_speaks_and_waves() -> None:
    first, alpha = paint(0, SIZE)
    later, waving = paint(120, SIZE)
    assert np.abs(first.astype(int) - later).mean() > 1
    right = np.s_[: SIZE[1] * 3 // 4, SIZE[0] * 2 // 3 :]
    assert alpha[right].sum() == 0
    assert waving[right].sum() > 500  # a hand


def test_repeats_without_a_jump() -> None:
    frames = round(LOOP_S * 30)
    again, _ = paint(frames, SIZE)
    assert np.array_equal(paint(0, SIZE)[0], again)
    steps = [
        np.abs(paint(i, SIZE)[1] - paint(i + 1, SIZE)[1]).mean() for i in range(frames - 5, frames)
    ]
    assert max(steps) < 0.02


def test_the_pose_depends_on_time_alone() -> None:
    assert Pose.at(1.5) == Pose.at(1.5 + LOOP_S)


@pytest.mark.parametrize("size", [(16, 16), (90, 160), (1920, 1080), (641, 359)])
def test_any_size(size: tuple[int, int]) -> None:
    image, alpha = paint(100, size)
    assert image.shape == (size[1], size[0], 3)
    assert alpha.shape == (size[1], size[0])
    assert image.flags.c_contiguous
