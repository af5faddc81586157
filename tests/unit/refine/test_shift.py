from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge.refine.shift import shifted

MODEL = (320, 320)  # height, width


def edge(angle_deg: float, shape: tuple[int, int] = MODEL, aspect: float = 1.0) -> np.ndarray:
    """A soft straight edge through the middle; ``angle_deg`` is that of its normal."""
    height, width = shape
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    x, y = (x + 0.5 - width / 2) * 720 * aspect / width, (y + 0.5 - height / 2) * 720 / height
    along = x * np.cos(np.radians(angle_deg)) + y * np.sin(np.radians(angle_deg))
    return np.clip(0.5 - along / 40, 0, 1).astype(np.float32)  # 40 px of 720 lines wide


def moved_px(alpha: np.ndarray, shift_px: float, aspect: float) -> float:
    """How far the edge went, in px of 720 lines, from alpha at the middle of the picture."""
    middle = alpha[156:164, 156:164]
    after = shifted(alpha, shift_px, aspect)[156:164, 156:164]
    return float((after - middle).mean() * 40)


def test_no_shift_hands_back_the_same_array():
    alpha = edge(0)
    assert shifted(alpha, 0, 1.0) is alpha


@pytest.mark.parametrize("angle_deg", [0, 90, 180, 30, 45])
@pytest.mark.parametrize("shift_px", [0.25, 1, 6, -0.5, -6])
def test_an_edge_moves_by_the_pixels_of_720_lines_whatever_its_direction(
    angle_deg: float, shift_px: float
):
    moved = moved_px(edge(angle_deg), shift_px, 1.0)
    assert moved == pytest.approx(shift_px, rel=0.05)


def test_a_squeezed_alpha_moves_as_far_across_as_down():
    wide = 16 / 9
    across = moved_px(edge(0, aspect=wide), 3, wide)
    down = moved_px(edge(90, aspect=wide), 3, wide)
    assert across == pytest.approx(3, rel=0.05)
    assert down == pytest.approx(3, rel=0.05)


def test_the_shift_does_not_depend_on_the_resolution_of_alpha():
    fine = shifted(cv2.resize(edge(20), (640, 640)), 4, 1.0)
    coarse = shifted(edge(20), 4, 1.0)
    assert np.abs(cv2.resize(fine, (320, 320), interpolation=cv2.INTER_AREA) - coarse).max() < 0.03


def test_the_values_stay_alphas():
    spots = (np.random.default_rng(1).random(MODEL) > 0.9).astype(np.float32)
    for shift_px in (10, -10):
        out = shifted(spots, shift_px, 1.5)
        assert out.dtype == np.float32
        assert out.min() >= 0
        assert out.max() <= 1
