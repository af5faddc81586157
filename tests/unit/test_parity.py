from __future__ import annotations

import numpy as np
import pytest

from edge.parity import LIMITS, Difference, difference, fault, together


def disc(radius: float, size: int = 64) -> np.ndarray:
    rows, columns = np.mgrid[:size, :size] - size / 2
    return np.clip(radius - np.hypot(rows, columns) + 0.5, 0, 1).astype(np.float32)


def test_the_same_matte_differs_by_nothing() -> None:
    of = difference(disc(20), disc(20))
    assert (of.mean, of.largest, of.iou) == (0, 0, 1)
    assert all(fault(of, precision) is None for precision in LIMITS)


def test_iou_is_that_of_the_halves_above_one_half() -> None:
    found, wanted = np.zeros((2, 10, 10), np.float32)
    found[:, :6], wanted[:, 4:] = 0.9, 0.6
    assert difference(found, wanted).iou == pytest.approx(2 / 10)


def test_a_speck_does_not_decide() -> None:
    found, wanted = np.zeros((2, 100, 100), np.float32)
    found[0, 0] = 1
    assert difference(found, wanted).iou == 1


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_one_value_that_is_not_finite_fails_every_precision(bad: float) -> None:
    found = disc(20)
    found[3, 4] = bad
    of = together([difference(disc(20), disc(20)), difference(found, disc(20))])
    for precision in LIMITS:
        broken = fault(of, precision)
        assert broken is not None
        assert "not finite" in broken.what


def test_an_all_black_matte_fails_though_other_pictures_are_good() -> None:
    good = [difference(disc(10), disc(10))] * 99
    of = together([*good, difference(np.zeros((64, 64), np.float32), disc(6))])
    broken = fault(of, "int8")
    assert broken is not None
    assert broken.what.startswith("nothing is left")


def test_black_where_black_is_right_passes() -> None:
    empty = np.zeros((64, 64), np.float32)
    assert fault(difference(empty, empty + 0.001), "int8") is None


@pytest.mark.parametrize("precision", list(LIMITS))
def test_each_limit_holds_at_its_value_and_breaks_above(precision: str) -> None:
    limits = LIMITS[precision]
    largest = limits.largest if limits.largest is not None else 0.9
    at = Difference(limits.mean, largest, limits.iou)
    assert fault(at, precision) is None
    mean = fault(Difference(limits.mean * 1.01, 0, 1), precision)
    iou = fault(Difference(0, 0, limits.iou - 0.001), precision)
    assert mean is not None
    assert mean.limit == limits.mean
    assert iou is not None
    assert iou.limit == limits.iou
    if limits.largest is not None:
        assert fault(Difference(0, limits.largest * 1.01, 1), precision) is not None


def test_mattes_of_different_sizes_are_not_compared() -> None:
    with pytest.raises(ValueError, match="cannot be compared"):
        difference(disc(5, 32), disc(5, 64))
