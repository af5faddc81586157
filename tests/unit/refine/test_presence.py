from __future__ import annotations

import numpy as np
import pytest

from edge.refine.presence import ENTER, FADE_S, LEAVE, PATIENCE_S, PresenceGate, certainty

FRAME_S = 0.04


def matte(level: float, part: float = 0.25) -> np.ndarray:
    """``part`` of the picture at ``level``, the rest 0."""
    alpha = np.zeros((100, 100), np.float32)
    alpha[: round(100 * part)] = level
    return alpha


def play(gate: PresenceGate, level: float, seconds: float, start_s: float) -> list[float]:
    times = np.arange(start_s, start_s + seconds, FRAME_S)
    return [gate.opacity(matte(level), round(t * 1e9)) for t in times]


@pytest.mark.parametrize(("level", "opacity"), [(1, 1), (ENTER + 0.01, 1), (ENTER - 0.02, 0)])
def test_the_first_frame_decides_at_once(level: float, opacity: float):
    assert PresenceGate().opacity(matte(level), 0) == opacity


def test_a_person_who_comes_in_fades_in():
    gate = PresenceGate()
    play(gate, 0, 1, 0)
    shown = play(gate, 0.98, 2 * FADE_S, 1)
    assert 0 < shown[0] < 0.5
    assert all(b >= a for a, b in zip(shown, shown[1:], strict=False))
    assert shown[-1] == 1


def test_a_person_who_leaves_fades_out_after_some_patience():
    gate = PresenceGate()
    play(gate, 0.98, 1, 0)
    shown = play(gate, 0, PATIENCE_S + 2 * FADE_S, 1)
    patient = int(PATIENCE_S / FRAME_S) - 2
    assert shown[:patient] == [1] * patient
    assert all(b <= a for a, b in zip(shown, shown[1:], strict=False))
    assert shown[-1] == 0


def test_a_moment_of_doubt_hides_nobody():
    gate = PresenceGate()
    play(gate, 0.98, 1, 0)
    assert min(play(gate, 0.55, PATIENCE_S / 2, 1)) == 1
    assert min(play(gate, 0.98, 1, 1 + PATIENCE_S / 2)) == 1


def test_between_both_thresholds_all_stays_as_it_is():
    between = (ENTER + LEAVE) / 2
    empty, occupied = PresenceGate(), PresenceGate()
    play(empty, 0, 0.2, 0)
    play(occupied, 1, 0.2, 0)
    assert max(play(empty, between, 3, 0.2)) == 0
    assert min(play(occupied, between, 3, 0.2)) == 1


def test_a_model_may_be_believed_at_less_certainty_and_flickers_no_more_for_it():
    wanted = (0.65, 0.55)
    gate = PresenceGate()
    assert gate.opacity(matte(0.6), 0, wanted) == 0
    levels = [0.7, 0.6, 0.68, 0.57, 0.64] * 20
    shown = [
        gate.opacity(matte(level), round((1 + n * FRAME_S) * 1e9), wanted)
        for n, level in enumerate(levels)
    ]
    assert all(b >= a for a, b in zip(shown, shown[1:], strict=False))
    assert shown[-1] == 1
    unknown = PresenceGate()
    assert max(play(unknown, 0.7, 1, 0)) == 0


def test_after_a_reset_the_next_frame_decides_at_once():
    gate = PresenceGate()
    play(gate, 1, 0.2, 0)
    gate.reset()
    assert gate.opacity(matte(0), 10**9) == 0


def test_a_clock_that_stands_still_or_steps_back_does_no_harm():
    gate = PresenceGate()
    gate.opacity(matte(0), 10**9)
    assert gate.opacity(matte(1), 10**9) == 0
    assert gate.opacity(matte(1), 0) == 0
    assert gate.opacity(matte(1), 10**9) == 1


def test_certainty_is_the_mean_of_what_is_above_one_half():
    alpha = matte(0.9, 0.2)
    alpha[50:70] = 0.6
    alpha[80:] = 0.4
    assert certainty(alpha) == pytest.approx(0.75, abs=1e-5)
    assert certainty(matte(0.5)) == 0


def test_a_speck_is_nobody():
    alpha = np.zeros((100, 100), np.float32)
    alpha[:6, :6] = 1
    assert certainty(alpha) == 0
