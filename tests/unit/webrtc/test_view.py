"""What a viewer sees, and how encoders take it."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from edge.errors import InputError
from edge.frame import Composite
from edge.webrtc.view import View, picture, to_i420

RED, GREEN = (200, 30, 30), (30, 220, 30)


def filled(color: tuple[int, int, int], size: tuple[int, int] = (64, 48)) -> NDArray[np.uint8]:
    return np.full((size[1], size[0], 3), color, np.uint8)


def composite(
    captured_ns: int = 1, color: tuple[int, int, int] = GREEN, room: bool = True
) -> Composite:
    return Composite(
        filled(color), 0, captured_ns, captured_ns, None, filled(RED) if room else None
    )


@pytest.mark.parametrize(("position", "columns"), [(0, 0), (0.25, 16), (0.5, 32), (1, 64)])
def test_the_split_is_where_the_viewer_put_it(position: float, columns: int) -> None:
    image = picture(composite(), View("split", position))
    assert (image[:, :columns] == RED).all()
    assert (image[:, columns:] == GREEN).all()


def test_a_slate_is_never_split() -> None:
    slate = composite(room=False)
    assert picture(slate, View("split", 1)) is slate.image


def test_the_plain_view_is_the_composite_itself() -> None:
    shown = composite()
    assert picture(shown, View()) is shown.image


def test_an_original_of_another_size_is_fitted() -> None:
    shown = Composite(filled(GREEN), 0, 1, 1, None, filled(RED, (65, 49)))
    assert picture(shown, View("split", 0.5)).shape == (48, 64, 3)


@pytest.mark.parametrize("position", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_split_outside_the_picture_is_refused(position: float) -> None:
    with pytest.raises(InputError, match="0 to 1"):
        View("split", position)


def test_an_unknown_view_is_refused() -> None:
    with pytest.raises(InputError, match="composite and split"):
        View("original")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rgb", "yuv"),
    [((0, 0, 0), (16, 128, 128)), ((255, 255, 255), (235, 128, 128)), ((255, 0, 0), (82, 90, 240))],
)
def test_colours_are_those_of_bt601_in_limited_range(
    rgb: tuple[int, int, int], yuv: tuple[int, int, int]
) -> None:
    planes = to_i420(filled(rgb, (8, 4)))
    assert planes.shape == (6, 8)
    found = planes[:4].mean(), planes[4].mean(), planes[5].mean()
    assert np.abs(np.subtract(found, yuv)).max() <= 1


def test_an_odd_last_row_and_column_are_left_out() -> None:
    assert to_i420(filled(RED, (9, 5))).shape == (6, 8)


def test_a_smaller_rendition_has_half_the_sides() -> None:
    planes = to_i420(filled(RED, (64, 48)), divisor=2)
    assert planes.shape == (36, 32)
    assert np.abs(planes[:24].astype(int) - to_i420(filled(RED, (8, 4)))[0, 0]).max() <= 1


def test_the_plain_view_has_no_position() -> None:
    assert View("composite", 0.2) == View()
    assert View("split", 0.2) != View("split", 0.3)
