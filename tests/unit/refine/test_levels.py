from __future__ import annotations

import numpy as np
import pytest

from edge.refine.levels import levels

RAMP = np.linspace(0, 1, 201, dtype=np.float32).reshape(1, -1)


def test_the_middle_threshold_and_full_softness_hand_back_the_same_array():
    assert levels(RAMP, 0.5, 1) is RAMP


@pytest.mark.parametrize("threshold", [0.05, 0.3, 0.5, 0.7, 0.95])
@pytest.mark.parametrize("softness", [0.02, 0.4, 1.0])
def test_the_threshold_becomes_one_half_and_the_ends_stay(threshold: float, softness: float):
    shaped = levels(RAMP, threshold, softness)

    at_threshold = levels(np.full((1, 1), threshold, np.float32), threshold, softness)
    assert at_threshold[0, 0] == pytest.approx(0.5, abs=1e-4)
    assert shaped[0, 0] == 0
    assert shaped[0, -1] == 1
    assert (np.diff(shaped) >= 0).all()
    assert shaped.dtype == np.float32


def test_softness_is_the_width_of_what_is_left_between_zero_and_one():
    shaped = levels(RAMP, 0.4, 0.5)
    # From 0.4 - 0.4 * 0.5 to 0.4 + 0.6 * 0.5, in two straight pieces.
    expected = np.interp(RAMP, [0.2, 0.4, 0.7], [0, 0.5, 1])
    assert np.allclose(shaped, expected, atol=1e-5)
