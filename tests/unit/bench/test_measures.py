"""Each measure against a value worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from bench.measures import conn, dtssd, grad, mad, mse


def block(value: float = 1.0) -> np.ndarray:
    alpha = np.zeros((40, 40), np.float32)
    alpha[10:30, 10:30] = value
    return alpha


@pytest.mark.parametrize("measure", [mad, mse, grad, conn])
def test_the_truth_itself_has_no_error(measure):
    assert measure(block(), block()) == pytest.approx(0, abs=1e-9)


def test_mad_is_the_mean_difference_in_thousandths():
    # 400 of 1600 pixels are off by 0.2: 0.2 * 400 / 1600 = 0.05
    assert mad(block(0.8), block()) == pytest.approx(50, rel=1e-5)


def test_mse_is_the_mean_squared_difference_in_thousandths():
    # 0.2^2 * 400 / 1600 = 0.01
    assert mse(block(0.8), block()) == pytest.approx(10, rel=1e-5)


def test_dtssd_is_the_rms_difference_of_changes_in_hundredths():
    # Alpha falls by 0.4 in a quarter of the picture while the truth stays: sqrt(0.16 / 4) = 0.2
    assert dtssd(block(0.5), block(0.9), block(), block()) == pytest.approx(20, rel=1e-5)


def test_dtssd_forgives_what_is_wrong_in_the_same_way_all_the_time():
    assert dtssd(block(0.5), block(0.5), block(), block()) == 0
    assert dtssd(block(0.5), block(0.3), block(0.9), block(0.7)) == pytest.approx(0, abs=1e-4)


def test_grad_of_a_ramp_is_known():
    # On a slope of s per pixel the filter, of unit L2 norm, answers s * sum|x| weighted by it:
    # s * (sum of g) * (sum of x * x * g) with g and x * g each of unit norm, g = exp(-x^2 / 2s^2).
    ramp = np.tile(np.arange(64, dtype=np.float32) * 0.01, (64, 1))
    x = np.arange(-4, 5, dtype=np.float64)
    g = np.exp(-(x**2) / (2 * 1.4**2))
    answer = 0.01 * (g / np.linalg.norm(g)).sum() * (x * x * g / np.linalg.norm(x * g)).sum()
    inner = 64 * 56 * answer**2  # 4 columns on each side see the repeated border
    found = grad(ramp, np.zeros_like(ramp)) * 1e3
    assert found > inner
    assert found == pytest.approx(inner, rel=0.1)


def test_grad_does_not_see_an_offset_and_sees_a_blurred_edge():
    assert grad(np.full((40, 40), 0.7, np.float32), np.zeros((40, 40), np.float32)) < 1e-6
    sharp, blurred = block(), block()
    blurred[9], blurred[30] = 0.5 * blurred[10], 0.5 * blurred[29]
    assert grad(blurred, sharp) > 0.001


def test_conn_counts_an_island_that_is_not_connected():
    # 16 pixels of alpha 1 apart from the body, where the truth has 0: degree 1 - 1 against 1 - 0.
    alpha = block()
    alpha[0:4, 0:4] = 1
    assert conn(alpha, block()) == pytest.approx(0.016, rel=1e-5)


def test_conn_counts_what_falls_off_the_body_by_how_much_it_falls():
    # The body is connected up to 0.6, where alpha is 0.6 against a truth of 1: 400 * (1 - 0.6).
    assert conn(block(0.6), block()) == pytest.approx(0.16, rel=1e-4)


def test_conn_does_not_see_less_than_its_tolerance():
    assert conn(block(0.9), block()) == 0


def test_conn_of_two_empty_mattes_is_zero():
    nothing = np.zeros((20, 20), np.float32)
    assert conn(nothing, nothing) == 0


@pytest.mark.parametrize("measure", [mad, mse, grad, conn])
@pytest.mark.parametrize(
    "wrong", [np.zeros((40, 1), np.float32), np.zeros((40, 40, 1), np.float32)]
)
def test_shapes_that_would_broadcast_are_refused_by_name(measure, wrong):
    with pytest.raises(ValueError, match=r"alpha is \(40, .*truth is \(40, 40\)"):
        measure(wrong, block())
