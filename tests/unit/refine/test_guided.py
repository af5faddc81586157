from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge.refine import shrunk
from edge.refine.cutout import Cutout
from edge.refine.guided import Guide, linear_upsample


def scene(size: tuple[int, int] = (1280, 720), noise: float = 3) -> tuple[np.ndarray, np.ndarray]:
    """A red disc with thin spikes before a blue wall, and its exact alpha at the frame's size."""
    width, height = size
    mask = np.zeros((height, width), np.uint8)
    middle = (width // 2, height // 2)
    cv2.circle(mask, middle, height // 4, 255, -1, cv2.LINE_AA)
    for angle in np.linspace(0, 2 * np.pi, 24, endpoint=False):
        tip = middle + 0.32 * height * np.array([np.cos(angle), np.sin(angle)])
        cv2.line(mask, middle, tuple(int(v) for v in tip), 255, height // 90, cv2.LINE_AA)
    alpha = mask.astype(np.float32) / 255
    wall, disc = np.array([40, 60, 160.0]), np.array([190, 70, 50.0])
    image = alpha[..., None] * disc + (1 - alpha[..., None]) * wall
    image += np.random.default_rng(0).normal(0, noise, image.shape)
    return np.clip(image, 0, 255).astype(np.uint8), alpha


def soft(alpha: np.ndarray) -> np.ndarray:
    """The best that a network of 320x320 can say."""
    return cv2.resize(alpha, (320, 320), interpolation=cv2.INTER_AREA)


def guided_upsample(alpha: np.ndarray, image: np.ndarray) -> np.ndarray:
    return Cutout(image, alpha, Guide.of(alpha, shrunk(image, alpha.shape))).alpha


@pytest.mark.parametrize("size", [(1280, 720), (853, 1280), (642, 482)])
def test_edges_come_far_closer_to_the_truth_than_by_linear_upsampling(size: tuple[int, int]):
    image, truth = scene(size)
    alpha = soft(truth)

    guided = guided_upsample(alpha, image)
    linear = linear_upsample(alpha, size)

    assert guided.shape == truth.shape
    assert np.abs(guided - truth).mean() < 0.4 * np.abs(linear - truth).mean()


def test_alpha_stays_in_zero_to_one_and_float32():
    image, truth = scene(noise=40)
    alpha = soft(truth)
    guided = guided_upsample(alpha, image)
    assert guided.dtype == np.float32
    assert guided.min() >= 0
    assert guided.max() <= 1


@pytest.mark.parametrize("level", [0, 1, 128, 255])
def test_a_picture_of_one_colour_guides_nowhere_and_breaks_nothing(level: int):
    _, truth = scene()
    alpha = soft(truth)
    image = np.full((720, 1280, 3), level, np.uint8)

    guided = guided_upsample(alpha, image)

    # Two means over a window are what is left of the filter: the same edge, a little wider.
    smooth = cv2.resize(cv2.blur(cv2.blur(alpha, (5, 5)), (5, 5)), (1280, 720))
    assert np.isfinite(guided).all()
    assert np.abs(guided - smooth).max() < 0.02


def test_a_constant_alpha_is_what_linear_upsampling_gives():
    image, _ = scene(noise=30)
    alpha = np.full((320, 320), 0.25, np.float32)
    guided = guided_upsample(alpha, image)
    assert np.array_equal(guided, linear_upsample(alpha, (1280, 720)))


def test_what_lies_far_from_any_edge_is_left_alone():
    image, truth = scene(noise=30)
    alpha = soft(truth)
    guided = guided_upsample(alpha, image)
    assert not guided[:60].any()
    assert (guided[340:380, 620:660] > 0.999).all()


def test_an_alpha_of_the_frames_size_comes_back_as_it_is():
    image, truth = scene((320, 240))
    assert guided_upsample(truth, image) is truth
    assert linear_upsample(truth, (320, 240)) is truth
