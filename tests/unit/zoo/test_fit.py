from __future__ import annotations

import numpy as np
import pytest

from edge.fit import PADDING, Placement, fit, fit_into, place, unfit


def picture(width: int, height: int) -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_stretch_fills_the_input_and_alpha_covers_the_whole_frame() -> None:
    placement = place((1280, 720), (320, 240), "stretch")
    alpha = np.zeros((240, 320), np.float32)

    assert placement.whole
    assert fit(picture(1280, 720), placement, "area").shape == (240, 320, 3)
    assert unfit(alpha, placement).shape == (240, 320)


@pytest.mark.parametrize(
    ("frame", "window"),
    [
        ((1280, 720), (0, 70, 320, 180)),
        ((720, 1280), (70, 0, 180, 320)),
        ((500, 500), (0, 0, 320, 320)),
        ((100, 50), (0, 80, 320, 160)),
        ((5000, 3), (0, 159, 320, 1)),
        ((1, 4000), (159, 0, 1, 320)),
    ],
)
def test_letterbox_keeps_the_aspect_ratio_and_centres(
    frame: tuple[int, int], window: tuple[int, int, int, int]
) -> None:
    placement = place(frame, (320, 320), "letterbox")

    assert (placement.left, placement.top, placement.width, placement.height) == window


def test_letterbox_pads_with_grey_and_never_shows_an_earlier_frame() -> None:
    canvas = np.full((64, 64, 3), 9, np.uint8)
    placement = place((32, 16), (64, 64), "letterbox")
    fit_into(canvas, np.full((16, 32, 3), 200, np.uint8), placement, "linear")

    assert (canvas[placement.window] == 200).all()
    outside = np.ones((64, 64), bool)
    outside[placement.window] = False
    assert (canvas[outside] == PADDING).all()


@pytest.mark.parametrize(
    ("frame", "size"),
    [
        ((640, 480), (640, 480)),  # never enlarged
        ((1280, 720), (1280, 720)),
        ((1920, 1080), (1280, 720)),
        ((1080, 1920), (720, 1280)),
        ((4000, 1), (1280, 1)),
    ],
)
def test_within_gives_the_frames_own_size_up_to_the_cards(
    frame: tuple[int, int], size: tuple[int, int]
) -> None:
    placement = place(frame, (1280, 1280), "within")

    assert placement == Placement(size, 0, 0, *size)
    assert placement.whole


def test_unfit_gives_the_part_of_alpha_that_the_frame_was_drawn_to() -> None:
    placement = place((32, 16), (64, 64), "letterbox")
    alpha = np.zeros((64, 64), np.float32)
    alpha[placement.window] = 1

    cropped = unfit(alpha, placement)

    assert cropped.shape == (32, 64)
    assert (cropped == 1).all()
    assert cropped.base is alpha


@pytest.mark.parametrize("interpolation", ["nearest", "linear", "area", "cubic"])
@pytest.mark.parametrize("kind", ["stretch", "letterbox"])
def test_a_frame_of_the_inputs_own_size_passes_unchanged(kind: str, interpolation: str) -> None:
    image = picture(40, 30)
    placement = place((40, 30), (40, 30), kind)  # type: ignore[arg-type]

    assert placement == Placement((40, 30), 0, 0, 40, 30)
    assert (fit(image, placement, interpolation) == image).all()  # type: ignore[arg-type]


def test_area_averages_where_linear_would_alias() -> None:
    stripes = np.zeros((64, 64, 3), np.uint8)
    stripes[:, ::4] = 255
    placement = place((64, 64), (16, 16), "stretch")

    assert np.ptp(fit(stripes, placement, "area").astype(int)) == 0
    assert fit(stripes, placement, "area")[0, 0, 0] == 64


def test_the_frame_itself_is_left_alone() -> None:
    image = picture(50, 20)
    before = image.copy()
    image.setflags(write=False)
    for kind in ("stretch", "letterbox"):
        fit(image, place((50, 20), (32, 32), kind), "area")

    assert (image == before).all()


def test_a_row_strided_canvas_is_filled_too() -> None:
    wide = np.zeros((16, 40, 3), np.uint8)
    canvas = wide[:, :16]
    image = picture(16, 16)
    fit_into(canvas, image, place((16, 16), (16, 16), "stretch"), "nearest")

    assert (canvas == image).all()
    assert (wide[:, 16:] == 0).all()
