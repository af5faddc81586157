"""The soak: a short one of the real service, and how growth is told from noise."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

from bench import soak
from bench.__main__ import main
from bench.live.trend import trend
from bench.live.usage import held
from bench.live.visits import WAYS, Visits, change
from bench.plots.drawing import draw
from edge.errors import InputError
from edge.state import StateChange

SMALL = ["--matting", "constant:0.5", "--size", "320x180", "--fps", "15", "--json"]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_short_soak_tells_what_the_service_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(soak, "STAY_S", (0.5, 1.0))
    monkeypatch.setattr(soak, "REST_LOOKS", 5)
    assert main(["soak", "--minutes", "0.005", "--each", "0.3", *SMALL]) == 0
    found = json.loads(capsys.readouterr().out)
    for name in ("rss_mb", "descriptors", "threads"):
        one = found["trends"][name]
        assert 0 < one["first"] <= one["most"]
        assert isinstance(one["flat"], bool)
    assert found["trends"]["rss_mb"]["first"] > 50
    assert found["viewers_gone"]["leave"] > 0
    assert found["viewers_left"] == 0
    assert found["changes"] > 0
    assert found["delivered"] > 0
    assert len({len(values) for values in found["samples"].values()}) == 1
    assert max(found["samples"]["viewers"]) >= 1
    assert set(draw(found)) == {"soak_memory.svg", "soak_descriptors.svg"}


def test_what_grows_is_told_from_what_varies() -> None:
    times_s = np.arange(0, 1800, 5.0)
    noise = np.random.default_rng(1).normal(0, 3, len(times_s))
    level = trend(times_s.tolist(), (300 + noise).tolist())
    leak = trend(times_s.tolist(), (300 + noise + times_s / 60).tolist())  # a MB a minute
    assert abs(level.slope_per_h) < 3
    assert leak.slope_per_h == pytest.approx(60, abs=5)
    assert level.is_flat(0.03 * level.first)
    assert not leak.is_flat(0.03 * leak.first)


def test_what_comes_and_goes_is_no_growth() -> None:
    times_s = [5.0 * index for index in range(120)]
    values = [340.0 + index % 3 for index in range(120)]
    values[85:110] = [440.0] * 25  # a picture is drawn, and its memory given back later
    found = trend(times_s, values)
    assert found.last == 440
    assert found.is_flat(0.03 * found.first)


def test_some_odd_values_are_no_trend() -> None:
    times_s = [5.0 * index for index in range(100)]
    values = [12.0] * 100
    values[30:33] = [40.0] * 3
    found = trend(times_s, values)
    assert (found.first, found.last, found.most, found.slope_per_h) == (12, 12, 40, 0)


def test_viewers_go_in_every_way_by_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    class Played:
        def __enter__(self) -> Played:
            return self

        def __exit__(self, *_: object) -> None:
            asked.append("end")

        def ask(self, word: str, **values: object) -> None:
            asked.append(values.get("told", word))

        def kill(self) -> None:
            asked.append("kill")

    monkeypatch.setattr("bench.live.visits.Program.of_bench", lambda *_: Played())
    with Visits("http://x", random.Random(1)) as visits:
        for _ in WAYS:
            visits.go(visits.come())
    assert asked == ["join", True, "join", False, "join", "kill", "end", "end"]
    assert set(visits.counts) == set(WAYS)
    assert all(visits.counts.values())


def test_each_change_is_one_that_the_service_takes() -> None:
    dice = random.Random(1)
    changes = [change(dice, ["gallery:beach"]) for _ in range(50)]
    for one in changes:
        StateChange.model_validate_json(json.dumps(one))
    assert len({next(iter(one)) for one in changes}) == 3


def test_a_process_that_is_gone_holds_nothing_to_tell() -> None:
    with pytest.raises(InputError, match="running"):
        held(2**22 + 1)


@pytest.mark.parametrize("words", [["--minutes", "0"], ["--each", "0"], ["--each", "-1"]])
def test_a_soak_takes_time(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["soak", *words, *SMALL]) == 2
    assert "more than 0" in capsys.readouterr().err
