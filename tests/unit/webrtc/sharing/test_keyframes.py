"""At most one key frame in half a second, however many ask."""

from __future__ import annotations

from edge.webrtc.sharing.keyframes import KeyframeGate


class Time:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def test_the_first_picture_is_one_and_the_next_is_not() -> None:
    gate = KeyframeGate(Time())
    assert gate.take()
    assert not gate.take()


def test_a_storm_of_requests_gives_two_a_second_and_the_last_one_is_answered() -> None:
    time = Time()
    gate, made_s = KeyframeGate(time), []
    for picture in range(320):  # ten seconds and some, with a hundred requests for each picture
        time.now_s = 100 + picture / 30
        for _ in range(100 if picture < 290 else 0):
            gate.ask()
        if gate.take():
            made_s.append(time.now_s)
    apart_s = [later - sooner for sooner, later in zip(made_s, made_s[1:], strict=False)]
    assert len(made_s) in (20, 21)
    assert min(apart_s) >= 0.5
    assert gate.due_in_s is None


def test_who_asks_too_early_is_told_how_long_it_takes() -> None:
    time = Time()
    gate = KeyframeGate(time)
    assert gate.due_in_s == 0
    gate.take()
    assert gate.due_in_s is None
    time.now_s += 0.2
    gate.ask()
    assert gate.due_in_s is not None
    assert abs(gate.due_in_s - 0.3) < 1e-6
    assert not gate.take()
    time.now_s += 0.31
    assert gate.take()


def test_a_key_frame_that_the_encoder_made_by_itself_answers_who_asked() -> None:
    time = Time()
    gate = KeyframeGate(time)
    gate.made()
    assert gate.due_in_s is None
    gate.ask()
    assert not gate.take()
