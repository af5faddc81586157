from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge.refine import shrunk
from edge.refine.cutout import Cutout
from edge.refine.foreground import colour_change

RED, GREEN = np.array([200, 60, 50.0]), np.array([30, 220, 60.0])


def mixed(size: tuple[int, int] = (1280, 720)) -> tuple[np.ndarray, np.ndarray]:
    """A red disc with a wide soft edge before a green wall, and its alpha at the frame's size."""
    width, height = size
    alpha = np.zeros((height, width), np.float32)
    cv2.circle(alpha, (width // 2, height // 2), height // 3, 1.0, -1, cv2.LINE_AA)
    alpha = np.clip(1.6 * cv2.GaussianBlur(alpha, (0, 0), 9) - 0.3, 0, 1)
    image = alpha[..., None] * RED + (1 - alpha[..., None]) * GREEN
    return image.astype(np.uint8), alpha


def estimate_foreground(alpha: np.ndarray, image: np.ndarray) -> np.ndarray | None:
    return Cutout(image, alpha, change=colour_change(alpha, shrunk(image, alpha.shape))).foreground


@pytest.mark.parametrize("size", [(1280, 720), (853, 1280), (640, 480)])
def test_the_rooms_colour_is_taken_out_of_a_soft_edge(size: tuple[int, int]):
    image, alpha = mixed(size)
    small = cv2.resize(alpha, (320, 320), interpolation=cv2.INTER_AREA)

    foreground = estimate_foreground(small, image)

    assert foreground is not None
    edge = (alpha > 0.2) & (alpha < 0.9)
    spill_before = np.abs(image[edge] - RED).mean()
    spill_after = np.abs(foreground[edge] - RED).mean()
    assert spill_after < 0.25 * spill_before


def test_what_is_wholly_foreground_keeps_its_detail_bit_for_bit():
    image, alpha = mixed()
    noise = np.random.default_rng(0).integers(-20, 20, image.shape)
    image = np.clip(image + noise, 0, 255).astype(np.uint8)
    small = cv2.resize(alpha, (320, 320), interpolation=cv2.INTER_AREA)

    foreground = estimate_foreground(small, image)

    assert foreground is not None
    inside = np.s_[300:420, 560:720]
    assert np.array_equal(foreground[inside], image[inside])


@pytest.mark.parametrize("level", [0, 1])
def test_a_matte_without_a_soft_edge_needs_no_estimate(level: float):
    image, _ = mixed()
    alpha = np.full((320, 320), level, np.float32)
    assert estimate_foreground(alpha, image) is None


def test_the_frame_is_not_written_to():
    image, alpha = mixed()
    before = image.copy()
    small = cv2.resize(alpha, (320, 320), interpolation=cv2.INTER_AREA)
    estimate_foreground(small, image)
    assert np.array_equal(image, before)


def test_a_haze_over_the_whole_picture_breaks_nothing():
    image, _ = mixed()
    alpha = np.full((320, 320), 1e-7, np.float32)
    foreground = estimate_foreground(alpha, image)
    assert foreground is not None
    assert foreground.shape == image.shape
