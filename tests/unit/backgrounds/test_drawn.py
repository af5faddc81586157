from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge.drawn import DRAWINGS, Drawing

each = pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda drawing: drawing.id)


def test_there_are_enough_and_no_two_are_called_the_same() -> None:
    assert len(DRAWINGS) >= 8
    assert len({drawing.id for drawing in DRAWINGS}) == len(DRAWINGS)
    assert len({drawing.label for drawing in DRAWINGS}) == len(DRAWINGS)


@each
@pytest.mark.parametrize("size", [(320, 180), (90, 160), (241, 77), (600, 90), (8, 8), (1, 1)])
def test_draws_any_size(drawing: Drawing, size: tuple[int, int]) -> None:
    picture = drawing.draw(size)
    assert picture.shape == (size[1], size[0], 3)
    assert picture.dtype == np.uint8
    assert picture.flags.c_contiguous


@each
def test_is_the_same_each_time(drawing: Drawing) -> None:
    assert (drawing.draw((160, 90)) == drawing.draw((160, 90))).all()


@each
def test_a_thumbnail_shows_what_the_picture_shows(drawing: Drawing) -> None:
    large = cv2.resize(drawing.draw((640, 360)), (32, 18), interpolation=cv2.INTER_AREA)
    small = cv2.resize(drawing.draw((320, 180)), (32, 18), interpolation=cv2.INTER_AREA)
    assert np.abs(large.astype(int) - small).mean() < 6


@each
def test_is_neither_flat_nor_burnt_out(drawing: Drawing) -> None:
    picture = drawing.draw((320, 180))
    assert picture.std() > 8
    assert (picture.min(axis=2) == 255).mean() < 0.1
    assert (picture.max(axis=2) == 0).mean() < 0.1


def test_no_two_look_alike() -> None:
    small = [drawing.draw((64, 36)).astype(int) for drawing in DRAWINGS]
    for i, one in enumerate(small):
        for other in small[i + 1 :]:
            assert np.abs(one - other).mean() > 10
