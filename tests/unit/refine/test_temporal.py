from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge.refine.temporal import TemporalSmoother

SIZE = 320
WALL = cv2.GaussianBlur(
    np.random.default_rng(2).integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8), (0, 0), 4
)
COAT = cv2.GaussianBlur(
    np.random.default_rng(3).integers(0, 256, (SIZE, SIZE, 3), dtype=np.uint8), (0, 0), 4
)


def person_at(x: float) -> tuple[np.ndarray, np.ndarray]:
    """A patterned disc before a patterned wall, and its alpha; the pattern moves with it."""
    shift = np.float32([[1, 0, x - 160], [0, 1, 0]])
    disc = np.zeros((SIZE, SIZE), np.float32)
    cv2.circle(disc, (160, 160), 60, 1.0, -1, cv2.LINE_AA)
    alpha = cv2.warpAffine(cv2.GaussianBlur(disc, (0, 0), 1.5), shift, (SIZE, SIZE))
    coat = cv2.warpAffine(cv2.convertScaleAbs(COAT, alpha=0.5), shift, (SIZE, SIZE))
    wall = cv2.convertScaleAbs(WALL, alpha=0.5, beta=128)
    image = alpha[..., None] * coat + (1 - alpha[..., None]) * wall
    return image.astype(np.uint8), alpha


def flickering(alpha: np.ndarray, index: int) -> np.ndarray:
    """An alpha whose edge breathes in and out with every frame."""
    swing = 0.25 if index % 2 else -0.25
    soft = 4 * alpha * (1 - alpha)
    return np.clip(alpha + swing * soft, 0, 1).astype(np.float32)


def run(strength: float, speed: float, frames: int = 12) -> tuple[float, float]:
    """(how far alpha is from the truth on average, how much it flickers around the truth)."""
    smoother, errors = TemporalSmoother(), []
    for index in range(frames):
        picture, truth = person_at(120 + index * speed)
        errors.append(smoother.smooth(flickering(truth, index), picture, strength) - truth)
    late = errors[3:]
    flicker = [np.abs(b - a).mean() for a, b in zip(late, late[1:], strict=False)]
    return float(np.mean([np.abs(e).mean() for e in late])), float(np.mean(flicker))


def test_off_hands_back_the_same_array():
    picture, alpha = person_at(160)
    smoother = TemporalSmoother()
    smoother.smooth(alpha, picture, 0.8)
    assert smoother.smooth(alpha, picture, 0) is alpha


def test_the_first_frame_and_the_first_after_a_reset_are_left_alone():
    picture, alpha = person_at(160)
    smoother = TemporalSmoother()
    assert smoother.smooth(alpha, picture, 0.9) is alpha
    smoother.reset()
    assert smoother.smooth(alpha, picture, 0.9) is alpha


@pytest.mark.parametrize("speed", [0, 1.5, 4])
def test_flicker_is_taken_out_of_still_and_moving_edges_without_trailing(speed: float):
    error_raw, flicker_raw = run(0, speed)
    error, flicker = run(0.8, speed)
    assert flicker < 0.5 * flicker_raw
    assert error < 0.8 * error_raw


def test_a_person_who_is_gone_at_once_leaves_no_ghost():
    smoother = TemporalSmoother()
    picture, alpha = person_at(160)
    for _ in range(4):
        smoother.smooth(alpha, picture, 0.9)
    empty_room, _ = person_at(600)  # far out of the picture

    ghost = smoother.smooth(np.zeros_like(alpha), empty_room, 0.9)

    assert (ghost > 0.1).mean() < 0.005


def test_an_alpha_of_another_size_starts_anew():
    smoother = TemporalSmoother()
    picture, alpha = person_at(160)
    smoother.smooth(alpha, picture, 0.9)
    small = cv2.resize(alpha, (144, 256))
    assert smoother.smooth(small, cv2.resize(picture, (144, 256)), 0.9) is small


def test_values_stay_alphas():
    smoother, rng = TemporalSmoother(), np.random.default_rng(0)
    for _ in range(5):
        picture = rng.integers(0, 256, (90, 160, 3), dtype=np.uint8)
        alpha = rng.random((90, 160), dtype=np.float32)
        out = smoother.smooth(alpha, picture, 0.95)
        assert out.dtype == np.float32
        assert out.min() >= 0
        assert out.max() <= 1
