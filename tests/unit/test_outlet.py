from __future__ import annotations

import time

import numpy as np
import pytest

import edge.outlet
from edge.frame import Composite
from edge.outlet import Outlet
from edge.state import Foreground
from edge.stats import Stats


def composite(index: int) -> Composite:
    return Composite(np.zeros((4, 6, 3), np.uint8), index, 0, time.monotonic_ns())


def test_who_is_there_is_looked_for_now_and_then_and_at_once_after_a_slate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looks: list[int] = []

    def seen() -> Foreground:
        looks.append(len(looks))
        return Foreground(coverage=0.5, count=1, boxes=[(0, 0, 1, 1)])

    stats = Stats()
    outlet = Outlet(lambda published: None, stats)
    monkeypatch.setattr(edge.outlet, "LOOK_S", 1000)
    for index in range(5):
        outlet.show(composite(index), seen)
    assert len(looks) == 1
    assert stats.snapshot(dropped=0, viewers=0).foreground.count == 1
    outlet.show_slate("No picture", "The camera is gone.")
    assert stats.snapshot(dropped=0, viewers=0).foreground.count == 0
    outlet.show(composite(6), seen)
    assert stats.snapshot(dropped=0, viewers=0).foreground.count == 1
    monkeypatch.setattr(edge.outlet, "LOOK_S", 0)
    outlet.show(composite(7), seen)
    assert len(looks) == 3


def test_the_same_slate_is_repeated_only_now_and_then() -> None:
    shown: list[Composite] = []
    outlet = Outlet(shown.append, Stats())
    for _ in range(3):
        outlet.show_slate("No picture", "Wait.")
    assert len(shown) == 1
    outlet.show_slate("No picture", "The camera is gone.")
    assert [c.slate for c in shown] == ["No picture: Wait.", "No picture: The camera is gone."]
    assert outlet.slate_text == "No picture: The camera is gone."
    outlet.show(composite(0), lambda: Foreground(coverage=0, count=0, boxes=[]))
    assert outlet.slate_text is None
