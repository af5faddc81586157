from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge.controls import MatteControls
from edge.drawn.presenter import paint
from edge.frame import Frame, Matte
from edge.refine import FULL, Refiner, shrunk
from edge.refine.people import NOBODY

SIZE = (640, 360)
OFF = MatteControls(
    upsampling="linear",
    threshold=0.5,
    softness=1,
    edge_shift_px=0,
    temporal=0,
    presence=False,
    foreground_estimation=False,
)


def presenter(index: int, size: tuple[int, int] = SIZE) -> tuple[Frame, Matte]:
    """A drawn person, and the alpha that a small network could at best give."""
    image, truth = paint(index, size, fps=25)
    alpha = cv2.GaussianBlur(cv2.resize(truth, (160, 160), interpolation=cv2.INTER_AREA), (0, 0), 1)
    return Frame(image, index, index * 40_000_000), Matte(alpha)


def test_with_every_control_off_it_is_linear_upsampling_bit_for_bit():
    frame, matte = presenter(0)
    refined = Refiner().refine(frame, matte, OFF)
    assert np.array_equal(refined.alpha, cv2.resize(matte.alpha, SIZE))
    assert refined.foreground is None


def test_with_every_control_off_an_alpha_of_the_frames_size_is_handed_on():
    frame, _ = presenter(0)
    alpha = np.random.default_rng(0).random(SIZE[::-1], dtype=np.float32) * 0.9
    assert Refiner().refine(frame, Matte(alpha), OFF).alpha is alpha


def test_people_of_whom_a_model_is_less_sure_are_shown_where_its_card_says_so():
    frame, matte = presenter(0)
    unsure = np.asarray(matte.alpha * np.float32(0.75))
    controls = OFF.changed({"presence": True})
    assert not Refiner().refine(frame, Matte(unsure), controls).alpha.any()
    told = Matte(unsure, presence=(0.65, 0.55))
    assert Refiner().refine(frame, told, controls).alpha.any()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("upsampling", "guided"),
        ("threshold", 0.3),
        ("softness", 0.4),
        ("edge_shift_px", 2),
        ("edge_shift_px", -2),
        ("temporal", 0.8),
    ],
)
def test_each_control_does_something_by_itself(name: str, value: object):
    plain, changed = Refiner(), Refiner()
    controls = OFF.changed({name: value})
    for index in (0, 6):
        frame, matte = presenter(index)
        before = plain.refine(frame, matte, OFF).alpha
        after = changed.refine(frame, matte, controls).alpha
    assert np.abs(after - before).max() > 0.05


def test_foreground_estimation_changes_colours_and_not_alpha():
    frame, matte = presenter(0)
    refined = Refiner().refine(frame, matte, OFF.changed({"foreground_estimation": True}))
    assert np.array_equal(refined.alpha, cv2.resize(matte.alpha, SIZE))
    assert refined.foreground is not None
    assert refined.foreground.shape == frame.image.shape
    assert (refined.foreground != frame.image).any()


def test_a_models_own_foreground_is_kept():
    frame, matte = presenter(0)
    own = np.zeros_like(frame.image)
    assert Refiner().refine(frame, Matte(matte.alpha, own), MatteControls()).foreground is own


def test_the_defaults_bring_a_small_matte_closer_to_the_truth():
    refiner, raw_error, refined_error = Refiner(), 0.0, 0.0
    for index in range(4):
        frame, matte = presenter(index)
        truth = paint(index, SIZE, fps=25)[1]
        refined = refiner.refine(frame, matte, MatteControls()).alpha
        raw_error += float(np.abs(cv2.resize(matte.alpha, SIZE) - truth).mean())
        refined_error += float(np.abs(refined - truth).mean())
    assert refined_error < 0.8 * raw_error


def test_an_empty_room_stays_empty_and_a_person_stays():
    frame, matte = presenter(0)
    haze = np.full((160, 160), 0.3, np.float32)
    haze[40:120, 40:120] = 0.6  # a chair, of which the network is not sure

    gated, refiner = MatteControls(), Refiner()
    assert not refiner.refine(frame, Matte(haze), gated).alpha.any()
    assert refiner.foreground == NOBODY
    assert Refiner().refine(frame, matte, gated).alpha.max() == 1
    assert Refiner().refine(frame, Matte(haze), gated.changed({"presence": False})).alpha.any()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_one_value_that_is_not_finite_makes_the_whole_matte_nan(value: float):
    frame, matte = presenter(0)
    broken = matte.alpha.copy()
    broken[3, 5] = value
    refined = Refiner().refine(frame, Matte(broken), MatteControls())
    assert refined.alpha.shape == SIZE[::-1]
    assert np.isnan(refined.alpha).all()


def test_a_broken_matte_leaves_nothing_behind():
    refiner, fresh = Refiner(), Refiner()
    frame, matte = presenter(0)
    refiner.refine(frame, matte, MatteControls())
    refiner.refine(frame, Matte(np.full_like(matte.alpha, np.nan)), MatteControls())
    frame, matte = presenter(9)
    after = refiner.refine(frame, matte, MatteControls()).alpha
    assert np.array_equal(after, fresh.refine(frame, matte, MatteControls()).alpha)


def test_a_matte_that_covers_all_is_not_smoothed_over_for_the_guard_has_to_see_it():
    refiner = Refiner()
    for index in range(4):
        frame, matte = presenter(index)
        refiner.refine(frame, matte, MatteControls(temporal=0.95))
    everything = Matte(np.ones_like(matte.alpha))
    refined = refiner.refine(frame, everything, MatteControls(temporal=0.95))
    assert (refined.alpha == 1).all()
    assert refiner.foreground.coverage > FULL


def test_another_size_of_frame_or_alpha_starts_a_new_scene():
    refiner = Refiner()
    for index in range(3):
        refiner.refine(*presenter(index), MatteControls())
    frame, matte = presenter(3, (480, 480))
    after = refiner.refine(frame, matte, MatteControls())
    assert after.alpha.shape == (480, 480)
    assert np.array_equal(after.alpha, Refiner().refine(frame, matte, MatteControls()).alpha)


def test_who_is_there_is_boxed_in_pixels_of_the_frame():
    frame, matte = presenter(0)
    refiner = Refiner()
    refiner.refine(frame, matte, MatteControls())
    truth = paint(0, SIZE, fps=25)[1] > 0.5
    columns = np.flatnonzero(truth.any(axis=0))
    assert refiner.foreground.count == 1
    left, _, width, _ = refiner.foreground.boxes[0]
    assert left == pytest.approx(columns[0], abs=10)
    assert left + width == pytest.approx(columns[-1] + 1, abs=10)
    assert refiner.foreground.coverage == pytest.approx(truth.mean(), abs=0.02)


def test_neither_the_frame_nor_the_matte_is_written_to():
    frame, matte = presenter(0)
    image, alpha = frame.image.copy(), matte.alpha.copy()
    refiner = Refiner()
    for _ in range(2):
        refiner.refine(frame, matte, MatteControls(edge_shift_px=1))
    assert np.array_equal(frame.image, image)
    assert np.array_equal(matte.alpha, alpha)


@pytest.mark.parametrize("shape", [(320, 320), (90, 160), (360, 640), (400, 700), (1, 1)])
def test_shrinking_keeps_the_mean_colour(shape: tuple[int, int]):
    image, _ = paint(0, SIZE)
    small = shrunk(image, shape)
    assert small.shape == (*shape, 3)
    if min(shape) > 1:
        assert np.abs(small.mean(axis=(0, 1)) - image.mean(axis=(0, 1))).max() < 2
