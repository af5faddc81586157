from __future__ import annotations

import numpy as np
import pytest

from edge.frame import Matte
from edge.guard import Guard, Verdict


def alpha(value: float, height: int = 64, width: int = 96) -> np.ndarray:
    return np.full((height, width), value, np.float32)


def half() -> np.ndarray:
    a = alpha(0)
    a[:, :48] = 1
    return a


def test_a_person_in_the_picture_is_shown() -> None:
    guard = Guard()
    assert guard.judge_model(Matte(half())) is Verdict.SHOW
    assert guard.judge(half()) is Verdict.SHOW


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_one_value_that_is_not_finite_withholds_the_frame(bad: float) -> None:
    a = half()
    a[5, 7] = bad
    assert Guard().judge_model(Matte(a)) is Verdict.HOLD


def test_a_matte_that_covers_everything_is_withheld_from_its_first_frame_and_then_told() -> None:
    guard = Guard()
    verdicts = [guard.judge(alpha(0.9)) for _ in range(4)]
    assert verdicts == [Verdict.HOLD, Verdict.HOLD, Verdict.SLATE, Verdict.SLATE]
    assert "100%" in guard.reason


def test_one_good_matte_ends_it() -> None:
    guard = Guard()
    for _ in range(3):
        guard.judge(alpha(1))
    assert guard.judge(half()) is Verdict.SHOW
    assert guard.judge(alpha(1)) is Verdict.HOLD
