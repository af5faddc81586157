from __future__ import annotations

import time

import numpy as np
import pytest

from edge.frame import Composite
from edge.state import Foreground
from edge.stats import Stats, resident_mb

NOBODY = Foreground(coverage=0, count=0, boxes=[])
PERSON = Foreground(coverage=0.5, count=1, boxes=[(0, 0, 1, 1)])


def composite(latency_ms: float) -> Composite:
    now = time.monotonic_ns()
    return Composite(np.zeros((2, 2, 3), np.uint8), 0, now - int(latency_ms * 1e6), now)


def test_nothing_measured_is_no_figure() -> None:
    stats = Stats().snapshot(dropped=0, viewers=0)
    assert stats.fps == 0
    assert stats.latency_ms.p95 is None
    assert stats.stages_ms["matte"].p50 is None


def test_percentiles_are_those_of_what_was_measured() -> None:
    stats = Stats()
    for value in range(1, 101):
        stats.saw_composite(composite(value), NOBODY)
        stats.add("compose", value / 1e3)
    figures = stats.snapshot(dropped=2, viewers=3)
    assert figures.latency_ms.p50 == 50.5
    assert figures.latency_ms.p99 == 99.01
    assert figures.stages_ms["compose"].p95 == 95.05
    assert (figures.composited, figures.dropped, figures.viewers) == (100, 2, 3)


def test_the_rate_falls_when_nothing_comes_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr("edge.stats.time.monotonic", lambda: clock[0])
    stats = Stats()
    for _ in range(20):
        stats.saw_composite(composite(1), NOBODY)
        clock[0] += 0.005
    running = stats.snapshot(dropped=0, viewers=0).fps
    clock[0] += 0.5
    assert 0 < stats.snapshot(dropped=0, viewers=0).fps < running / 2


def test_a_slate_has_nobody_in_it() -> None:
    stats = Stats()
    stats.saw_composite(composite(1), PERSON)
    assert stats.snapshot(dropped=0, viewers=0).foreground == PERSON
    stats.saw_slate("No picture: camera: unplugged")
    assert stats.snapshot(dropped=0, viewers=0).foreground.count == 0


def test_a_slate_is_told_until_the_next_picture() -> None:
    stats = Stats()
    assert stats.snapshot(dropped=0, viewers=0).slate is None
    stats.saw_slate("No picture: camera: unplugged")
    assert stats.snapshot(dropped=0, viewers=0).slate == "No picture: camera: unplugged"
    stats.saw_composite(composite(1), NOBODY)
    assert stats.snapshot(dropped=0, viewers=0).slate is None


def test_memory_is_that_of_a_real_process() -> None:
    assert 10 < resident_mb() < 10_000
