from __future__ import annotations

import numpy as np
import pytest

from edge.media.cover import cover, shrink_to_cover


def columns(width: int, height: int) -> np.ndarray:
    """A picture whose red is the column's number."""
    picture = np.zeros((height, width, 3), np.uint8)
    picture[..., 0] = np.arange(width)
    return picture


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280), (1, 1), (2, 500), (641, 361), (33, 7)])
@pytest.mark.parametrize("shape", [(1, 1), (2, 3000), (3000, 2), (48, 64), (721, 1281)])
def test_any_picture_fits_any_frame(size: tuple[int, int], shape: tuple[int, int]) -> None:
    picture = np.full((*shape, 3), (10, 200, 90), np.uint8)
    fitted = cover(picture, size)
    assert fitted.shape == (size[1], size[0], 3)
    assert fitted.dtype == np.uint8
    assert fitted.flags.c_contiguous
    assert (fitted == (10, 200, 90)).all()


def test_a_wide_picture_loses_its_sides_evenly() -> None:
    fitted = cover(columns(200, 50), (50, 50))
    assert (fitted[0, 0, 0], fitted[0, -1, 0]) == (75, 124)


def test_a_picture_of_the_right_size_is_left_as_it_is() -> None:
    picture = columns(64, 48)
    assert cover(picture, (64, 48)) is picture


def test_fine_stripes_shrink_to_their_mean() -> None:
    stripes = np.zeros((400, 400, 3), np.uint8)
    stripes[:, ::2] = 255
    fitted = cover(stripes, (100, 100))
    assert abs(int(fitted.min()) - 127) <= 1
    assert abs(int(fitted.max()) - 127) <= 1


def test_shrinking_keeps_the_whole_picture_and_its_shape() -> None:
    assert shrink_to_cover(columns(250, 100), (50, 50)).shape == (50, 125, 3)


def test_a_small_picture_is_not_enlarged() -> None:
    picture = columns(64, 48)
    assert shrink_to_cover(picture, (1280, 720)) is picture
