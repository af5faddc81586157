"""What is made piece by piece is what the whole equation gives."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge.compose import compose
from edge.controls import MatteControls
from edge.drawn.presenter import paint
from edge.frame import Frame, Matte
from edge.refine import Refiner
from edge.refine.cutout import Cutout

SIZES = [(640, 360), (854, 480), (480, 640)]
RANDOM = np.random.default_rng(11)


def scene(size: tuple[int, int], model: tuple[int, int]) -> tuple[Frame, np.ndarray]:
    image, truth = paint(4, size, fps=25)
    noise = RANDOM.integers(-9, 10, image.shape)
    image = np.clip(image + noise, 0, 255).astype(np.uint8)
    return Frame(image, 0, 0), cv2.resize(truth, model, interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("model", [(320, 192), (160, 160)])
@pytest.mark.parametrize(
    "controls",
    [
        {},
        {"upsampling": "linear"},
        {"foreground_estimation": False},
        {"softness": 1.0},
        {"edge_shift_px": 4},
    ],
)
def test_it_is_composed_as_its_alpha_and_foreground_say(size, model, controls) -> None:
    frame, alpha = scene(size, model)
    cutout = Refiner().refine(frame, Matte(alpha), MatteControls(**controls))
    background = RANDOM.integers(0, 256, frame.image.shape, np.uint8)
    whole = compose(frame, Matte(cutout.alpha, cutout.foreground), background)
    assert np.abs(cutout.over(background).astype(int) - whole).max() <= 1


@pytest.mark.parametrize("size", [*SIZES, (1280, 720)])
@pytest.mark.parametrize("side", ["left", "right", "top", "bottom"])
def test_a_person_at_one_side_and_the_room_at_the_other_are_not_taken_for_each_other(
    size, side
) -> None:
    frame, _ = scene(size, (320, 192))
    alpha = np.zeros((192, 320), np.float32)
    parts = {
        "left": np.s_[:, :70],
        "right": np.s_[:, 250:],
        "top": np.s_[:70],
        "bottom": np.s_[120:],
    }
    alpha[parts[side]] = 1
    cutout = Refiner().refine(frame, Matte(alpha), MatteControls())
    background = RANDOM.integers(0, 256, frame.image.shape, np.uint8)
    whole = compose(frame, Matte(cutout.alpha, cutout.foreground), background)
    assert np.abs(cutout.over(background).astype(int) - whole).max() <= 1


def test_a_models_own_foreground_is_what_stands_there() -> None:
    frame, alpha = scene((640, 360), (160, 160))
    own = np.full_like(frame.image, 9)
    cutout = Refiner().refine(frame, Matte(alpha, own), MatteControls())
    assert cutout.foreground is own
    shown = cutout.over(np.zeros_like(own))
    assert (shown[cutout.alpha == 1] == 9).all()
    assert not shown[cutout.alpha == 0].any()


def test_an_alpha_of_the_frames_size_is_used_as_it_is() -> None:
    frame, _ = scene((640, 360), (160, 160))
    alpha = RANDOM.random((360, 640), np.float32)
    alpha[100:300, 100:500] = 1
    cutout = Cutout(frame.image, alpha)
    background = RANDOM.integers(0, 256, frame.image.shape, np.uint8)
    exact = alpha[..., None] * frame.image + (1 - alpha[..., None]) * background
    assert cutout.alpha is alpha
    assert np.abs(cutout.over(background) - exact).max() <= 1


@pytest.mark.parametrize("value", [0.0, 0.25, 1.0])
def test_a_matte_of_one_value_is_that_much_of_the_frame(value: float) -> None:
    frame, _ = scene((640, 360), (160, 160))
    cutout = Cutout(frame.image, np.full((160, 160), value, np.float32))
    background = RANDOM.integers(0, 256, frame.image.shape, np.uint8)
    assert (
        np.abs(cutout.over(background) - (value * frame.image + (1 - value) * background)).max()
        <= 1
    )


def test_the_smallest_alphas_are_taken() -> None:
    frame, _ = scene((640, 360), (160, 160))
    for shape in ((1, 1), (2, 3)):
        alpha = RANDOM.random(shape, np.float32)
        shown = Refiner().refine(frame, Matte(alpha), MatteControls(presence=False))
        assert shown.over(np.zeros_like(frame.image)).shape == frame.image.shape


def test_nothing_is_written_to_what_is_handed_in() -> None:
    frame, alpha = scene((640, 360), (160, 160))
    background = RANDOM.integers(0, 256, frame.image.shape, np.uint8)
    before = frame.image.copy(), alpha.copy(), background.copy()
    Refiner().refine(frame, Matte(alpha), MatteControls()).over(background)
    for kept, now in zip(before, (frame.image, alpha, background), strict=True):
        assert np.array_equal(kept, now)


def test_a_background_of_another_size_is_refused_with_both_sizes() -> None:
    frame, alpha = scene((640, 360), (160, 160))
    cutout = Refiner().refine(frame, Matte(alpha), MatteControls())
    with pytest.raises(ValueError, match=r"background is \(10, 10, 3\).*needs \(360, 640, 3\)"):
        cutout.over(np.zeros((10, 10, 3), np.uint8))
