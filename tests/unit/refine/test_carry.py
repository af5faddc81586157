from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge.refine.carry import Carrier

SIZE = (192, 320)  # height, width
NOISE = np.random.default_rng(5)


def pattern() -> np.ndarray:
    noise = cv2.GaussianBlur(NOISE.integers(0, 256, SIZE, dtype=np.uint8), (0, 0), 4)
    return cv2.merge([cv2.normalize(noise, None, 0, 127, cv2.NORM_MINMAX)] * 3)


WALL, COAT = pattern() + 128, pattern()


def person_at(x: float) -> tuple[np.ndarray, np.ndarray]:
    """A patterned disc before a patterned wall, and its alpha; the pattern moves with it."""
    shift = np.float32([[1, 0, x - SIZE[1] / 2], [0, 1, 0]])
    disc = np.zeros(SIZE, np.float32)
    cv2.circle(disc, (SIZE[1] // 2, SIZE[0] // 2), 60, 1.0, -1, cv2.LINE_AA)
    alpha = cv2.warpAffine(cv2.GaussianBlur(disc, (0, 0), 1.2), shift, SIZE[::-1])
    coat = cv2.warpAffine(COAT, shift, SIZE[::-1])
    return (alpha[..., None] * coat + (1 - alpha[..., None]) * WALL).astype(np.uint8), alpha


@pytest.mark.parametrize("moved", [-12, 5, 12])
def test_a_matte_goes_with_what_moves(moved: float) -> None:
    carrier = Carrier()
    picture, alpha = person_at(150)
    carrier.keep(alpha, picture)
    now, truth = person_at(150 + moved)
    carried = carrier.carried(now)
    assert carried is not None
    assert carried.dtype == np.float32
    assert np.abs(carried - truth).mean() < 0.5 * np.abs(alpha - truth).mean()
    assert 0 <= carried.min() <= carried.max() <= 1


def test_where_nothing_moves_it_stays() -> None:
    carrier = Carrier()
    picture, alpha = person_at(150)
    carrier.keep(alpha, picture)
    assert np.abs(carrier.carried(picture) - alpha).max() < 0.02


def test_another_scene_has_no_matte() -> None:
    carrier = Carrier()
    picture, alpha = person_at(150)
    carrier.keep(alpha, picture)
    assert carrier.carried(255 - picture) is None
    assert carrier.carried(np.zeros_like(picture)) is None


def test_what_was_uncovered_beside_the_outline_does_not_stay_in_front() -> None:
    carrier = Carrier()
    picture, alpha = person_at(150)
    carrier.keep(alpha, picture)
    opened = picture.copy()
    beside = cv2.dilate(alpha, np.ones((3, 3))) - cv2.erode(alpha, np.ones((7, 7))) > 0.5
    beside[:, :150] = False
    opened[beside] = 255 * (opened[beside] < 128)
    carried = carrier.carried(opened)
    assert carried is not None
    assert carried[beside].mean() < 0.6 * alpha[beside].mean()
    assert carried[80:112, 130:170].min() > 0.95


def test_a_matte_that_is_not_finite_is_handed_on_for_the_guard_to_see() -> None:
    carrier = Carrier()
    picture, alpha = person_at(150)
    carrier.keep(np.full_like(alpha, np.nan), picture)
    assert np.isnan(carrier.carried(picture)).all()


def test_nothing_is_carried_before_the_first_after_forgetting_and_to_another_size() -> None:
    carrier = Carrier()
    picture, alpha = person_at(150)
    assert carrier.carried(picture) is None
    carrier.keep(alpha, picture)
    assert carrier.carried(picture[:100]) is None
    carrier.forget()
    assert carrier.carried(picture) is None


def test_the_smallest_mattes_are_carried() -> None:
    carrier = Carrier()
    picture = np.full((4, 6, 3), 90, np.uint8)
    carrier.keep(np.full((4, 6), 0.5, np.float32), picture)
    assert np.allclose(carrier.carried(picture), 0.5, atol=1e-3)
