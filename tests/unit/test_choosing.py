"""``auto:`` serves at once, and changes to the best matte that keeps up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.doctor.checks import matting as doctor
from edge.errors import EdgeError, ModelError
from edge.frame import Frame, Matte
from edge.matting import MattingModel, _choosing, _search, auto
from edge.matting._budget import Budget, rest_s
from edge.matting._choosing import Choosing
from edge.matting._kept import latest
from edge.matting._ranking import cheapest, ranked, ways
from edge.matting._rate import Rate
from edge.zoo import Zoo
from edge.zoo.assets import Manifest
from edge.zoo.card import Licence, Origin, Quality, Quantised
from tests.unit.convert.graphs import graph, put

INTERVAL_NS = 33_333_333
STEPS = 400  # more frames than any search here takes


def origin(letter: str) -> Origin:
    return Origin(source="https://example.org", sha256=letter * 64)


def measured(mad: float) -> tuple[Quality, ...]:
    return (Quality(data="some", mad=mad),)


@pytest.fixture
def zoo(tmp_path: Path) -> Zoo:
    """``fine`` has the better matte, and ``fast`` the fewer weights; both also as integers."""
    folder = tmp_path / "models"
    folder.mkdir()
    small, large = graph(), graph(seed=1)
    large.doc_string = "x" * 10_000
    integers = {"precision": "int8", "quality": ()}
    put(folder, large, "fine", origin=origin("a"), quality=measured(8))
    put(folder, large, "fine-int8", origin=origin("a"), **integers)
    put(folder, small, "fast", origin=origin("b"), quality=measured(20))
    put(folder, small, "fast-int8", origin=origin("b"), **integers)
    return Zoo(tmp_path / "cache", listing=Manifest(assets=()), own=[folder])


class Stage:
    """Models that take as long as they are told, by a clock that only they move."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.paces_s: dict[str, float] = {}
        self.offsets: dict[str, float] = {}
        self.loads: list[str] = []

    def load(self, spec: str) -> MattingModel:
        name = spec.partition("?threads")[0].partition("&threads")[0]
        if name not in self.paces_s:
            raise ModelError("not installed")
        self.loads.append(spec)
        threads = int(spec.rpartition("threads=")[2]) if "threads=" in spec else 1
        return Played(self, self.paces_s[name] / threads, self.offsets.get(name, 0.0))


class Played:
    """One of its models."""

    def __init__(self, stage: Stage, pace_s: float, offset: float) -> None:
        self.stage, self.pace_s, self.offset = stage, pace_s, offset
        self.resets = 0

    def matte(self, frame: Frame) -> Matte:
        self.stage.now_s += self.pace_s
        ramp = np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8)
        return Matte(np.clip(ramp + np.float32(self.offset), 0, 1))

    def reset(self) -> None:
        self.resets += 1


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    played = Stage()
    played.paces_s = {"onnx:fine": 0.050, "onnx:fast": 0.010}
    monkeypatch.setattr(_search, "_clock", lambda model: lambda: played.now_s)
    monkeypatch.setattr(_choosing, "rest_s", lambda frame, matte: 0.012)
    monkeypatch.setattr(_choosing, "usable_cores", lambda: 2.0)
    return played


def play(
    model: Choosing,
    frames: int = STEPS,
    size: tuple[int, int] = (64, 36),
    first: int = 0,
    interval_ns: int = INTERVAL_NS,
) -> None:
    """At 30 frames a second unless told otherwise, and every third one is dropped."""
    image = np.zeros((size[1], size[0], 3), np.uint8)
    for turn in range(frames):
        index = first + turn + turn // 2
        model.matte(Frame(image, index, index * interval_ns))
        while _loading():
            pass


def _loading() -> bool:
    import threading

    return any(thread.name == "candidate" for thread in threading.enumerate())


def test_the_best_matte_that_keeps_up_serves(zoo: Zoo, stage: Stage) -> None:
    stage.paces_s["onnx:fine"] = 0.020
    model = Choosing(zoo, stage.load)
    assert model.spec == "onnx:fast"  # the cheapest, at once
    play(model)
    assert model.spec == "onnx:fine?threads=1"
    assert (
        "keeps up with 64x36 at 30 fps on 2 cores: 20 ms a matte in 1 thread, 12 ms" in model.note
    )
    assert "openvino:fine?threads=1" not in stage.loads


def test_more_threads_are_taken_where_one_is_too_slow(zoo: Zoo, stage: Stage) -> None:
    stage.paces_s["onnx:fine"] = 0.040
    model = Choosing(zoo, stage.load)
    play(model)
    assert model.spec == "onnx:fine?threads=2"


def test_all_cores_together_must_be_enough(zoo: Zoo, stage: Stage) -> None:
    """Two threads would be in time, but leave nothing for the rest: 54 + 12 of 60 ms."""
    stage.paces_s["onnx:fine"] = 0.054
    model = Choosing(zoo, stage.load)
    play(model)
    assert model.spec == "onnx:fast?threads=1"
    assert "onnx:fine?threads=2" not in stage.loads


def test_integers_are_taken_where_floats_are_too_slow(zoo: Zoo, stage: Stage) -> None:
    stage.paces_s |= {"openvino:fine": 0.055, "openvino:fine-int8": 0.015}
    model = Choosing(zoo, stage.load)
    play(model)
    assert model.spec == "openvino:fine-int8?threads=1"


def test_a_way_that_mattes_otherwise_is_left_out(zoo: Zoo, stage: Stage) -> None:
    stage.paces_s |= {"openvino:fine-int8": 0.015}
    stage.offsets["openvino:fine-int8"] = 0.3
    model = Choosing(zoo, stage.load)
    play(model)
    assert model.spec == "onnx:fast?threads=1"
    kept = latest(zoo.cache)
    assert kept is not None
    assert any("fine-int8" in each and "mean difference" in each for each in kept.refused)


def test_with_nothing_that_keeps_up_the_quickest_serves_and_is_sought_again(
    zoo: Zoo, stage: Stage
) -> None:
    stage.paces_s = {"onnx:fine": 0.300, "onnx:fast": 0.100, "onnx:fast-int8": 0.080}
    model = Choosing(zoo, stage.load)
    play(model)
    assert model.spec == "onnx:fast-int8?threads=1"
    assert "too slow for" in model.note
    kept = latest(zoo.cache)
    assert kept is not None
    assert not kept.fits
    stage.paces_s["onnx:fast"] = 0.010  # whatever was in the way is gone
    again = Choosing(zoo, stage.load)
    assert again.spec == "onnx:fast-int8?threads=1"
    play(again)
    assert again.spec == "onnx:fast?threads=1"


def test_the_choice_is_remembered(zoo: Zoo, stage: Stage) -> None:
    stage.paces_s["onnx:fine"] = 0.020
    play(Choosing(zoo, stage.load))
    stage.loads.clear()
    model = Choosing(zoo, stage.load)
    play(model)
    assert stage.loads == ["onnx:fine?threads=1"]
    assert "keeps up" in model.note


def test_another_frame_size_or_source_asks_anew(zoo: Zoo, stage: Stage) -> None:
    model = Choosing(zoo, stage.load)
    play(model)
    loads = len(stage.loads)
    play(model, size=(128, 72), first=10_000)
    assert len(stage.loads) > loads
    assert "128x72" in model.note
    loads = len(stage.loads)
    model.reset()  # another source, but like the one before
    play(model, size=(128, 72), first=20_000)
    assert len(stage.loads) == loads


def test_a_rate_that_changes_asks_anew(zoo: Zoo, stage: Stage) -> None:
    model = Choosing(zoo, stage.load)
    play(model)
    assert model.spec == "onnx:fast?threads=1"
    play(model, 2 * _choosing.LOOKED, first=10_000, interval_ns=2 * INTERVAL_NS)
    assert "at 15 fps" in model.note
    assert model.spec == "onnx:fine?threads=1"


def test_a_choice_that_fails_now_is_made_anew(zoo: Zoo, stage: Stage) -> None:
    stage.paces_s["onnx:fine"] = 0.020
    play(Choosing(zoo, stage.load))
    del stage.paces_s["onnx:fine"]
    model = Choosing(zoo, stage.load)
    assert model.spec == "onnx:fast"


def test_frames_go_on_when_the_search_breaks(
    zoo: Zoo, stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> float:
        raise RuntimeError("no such thing")

    monkeypatch.setattr(_choosing, "rest_s", broken)
    model = Choosing(zoo, stage.load)
    play(model, 60)
    assert model.spec == "onnx:fast"
    assert "no such thing" in model.note


def test_a_hopeless_model_takes_no_more_than_two_runs_of_a_frame_each(
    zoo: Zoo, stage: Stage
) -> None:
    stage.paces_s = {"onnx:fine": 5.0, "onnx:fast": 0.010}
    model = Choosing(zoo, stage.load)
    before = stage.now_s
    play(model)
    assert stage.now_s - before < 2 * 5.0 + STEPS * 0.010 + 1


@pytest.mark.parametrize(
    ("model_s", "threads", "fits"),
    [(0.029, 1, True), (0.031, 1, False), (0.022, 2, True), (0.026, 2, False)],
)
def test_a_budget_is_of_time_and_of_cores(model_s: float, threads: int, fits: bool) -> None:
    assert Budget(1 / 30, 2, 0.012).fits(model_s, threads) is fits


def test_the_rest_is_measured_on_a_frame() -> None:
    image = np.random.default_rng(0).integers(0, 256, (90, 161, 3), dtype=np.uint8)
    alpha = np.zeros((48, 80), np.float32)
    alpha[10:40, 20:60] = 1
    assert 0 < rest_s(Frame(image, 0, 0), Matte(alpha)) < 10


def test_what_was_fetched_or_bound_or_is_made_for_a_gpu_is_not_chosen(
    zoo: Zoo, tmp_path: Path
) -> None:
    folder = tmp_path / "models"
    put(folder, graph(), "bound", licence=Licence(spdx="X", notice="ask"), origin=origin("c"))
    integers = Quantised(calibration="some", scheme="tensorrt", floats=())
    put(folder, graph(), "gpu", precision="int8", quantised=integers, origin=origin("d"))
    elsewhere = (Quality(data="my room", mad=0.1),)
    put(folder, graph(), "unmeasured", origin=origin("e"), quality=elsewhere)
    (folder / "unmeasured.onnx").write_bytes((folder / "fast.onnx").read_bytes())
    assert [card.id for card in ranked(zoo)] == ["fine", "fast", "unmeasured"]
    assert cheapest(ranked(zoo)).id in ("fast", "unmeasured")
    (folder / "unmeasured.onnx").unlink()
    assert [card.id for card in ranked(zoo)] == ["fine", "fast"]


def test_the_ways_of_a_model_begin_with_the_finest(zoo: Zoo) -> None:
    found = [(way.at(2), way.precision) for way in ways(zoo, zoo.card("fine"))]
    assert found == [
        ("onnx:fine?threads=2", "fp32"),
        ("openvino:fine?threads=2", "fp32"),
        ("openvino:fine?precision=bf16&threads=2", "bf16"),
        ("onnx:fine-int8?threads=2", "int8"),
        ("openvino:fine-int8?threads=2", "int8"),
    ]


@pytest.mark.parametrize(("mad", "first"), [(8.1, "onnx:fine-int8"), (8.9, "onnx:fine")])
def test_integers_that_err_no_more_come_first(
    zoo: Zoo, tmp_path: Path, stage: Stage, mad: float, first: str
) -> None:
    large = graph(seed=1)
    integers = {"precision": "int8", "quality": measured(mad)}
    put(tmp_path / "models", large, "fine-int8", origin=origin("a"), **integers)
    assert ways(zoo, zoo.card("fine"))[0].spec == first
    stage.paces_s |= {"onnx:fine": 0.025, "onnx:fine-int8": 0.015}
    model = Choosing(zoo, stage.load)
    play(model)
    assert model.spec == f"{first}?threads=1"


def test_integers_that_come_first_are_held_to_the_floats_all_the_same(
    zoo: Zoo, tmp_path: Path, stage: Stage
) -> None:
    integers = {"precision": "int8", "quality": measured(8)}
    put(tmp_path / "models", graph(seed=1), "fine-int8", origin=origin("a"), **integers)
    stage.paces_s |= {"onnx:fine": 0.025, "onnx:fine-int8": 0.015}
    stage.offsets["onnx:fine-int8"] = 0.3
    model = Choosing(zoo, stage.load)
    play(model)
    assert model.spec == "onnx:fine?threads=1"


def test_a_new_product_asks_anew(zoo: Zoo, tmp_path: Path, stage: Stage) -> None:
    stage.paces_s["onnx:fine"] = 0.025
    play(Choosing(zoo, stage.load))
    changed = graph(seed=1)
    changed.doc_string = "retuned"
    integers = {"precision": "int8", "quality": measured(7)}
    put(tmp_path / "models", changed, "fine-int8", origin=origin("a"), **integers)
    stage.paces_s["onnx:fine-int8"] = 0.015
    model = Choosing(zoo, stage.load)
    assert model.spec == "onnx:fine?threads=1"
    play(model)
    assert model.spec == "onnx:fine-int8?threads=1"


@pytest.fixture
def kinds(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    def make(room: str, spec: str, **context: Any) -> MattingModel:
        return stage.load(spec)

    monkeypatch.setattr(auto.plugins, "make", make)
    return make


def test_auto_without_a_name_chooses(zoo: Zoo, stage: Stage, kinds: object) -> None:
    model = auto.make("", zoo=zoo)
    assert isinstance(model, Choosing)


def test_on_a_gpu_with_tensorrt_the_best_matte_runs_there(
    zoo: Zoo, stage: Stage, kinds: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auto, "require_gpu", lambda: "Orin (sm_87)")
    stage.paces_s["tensorrt:fine"] = 0.002
    assert auto.make("", zoo=zoo).spec == "tensorrt:fine"


def test_without_models_of_its_own_the_published_one_is_fetched(
    tmp_path: Path, stage: Stage, kinds: object
) -> None:
    with pytest.raises(EdgeError, match="u2netp"):
        auto.make("", zoo=Zoo(tmp_path, listing=Manifest(assets=())))


def test_the_doctor_tells_what_was_chosen_and_why(zoo: Zoo, stage: Stage) -> None:
    (before,) = doctor.examine(zoo)
    assert (before.status, "among fine, fast" in before.found) == ("ok", True)
    play(Choosing(zoo, stage.load))
    (after,) = doctor.examine(zoo)
    assert after.found.startswith("onnx:fast?threads=1: the best matte that keeps up")
    assert "cores the model gets" in after.meaning
    (none,) = doctor.examine(Zoo(zoo.cache / "other", listing=Manifest(assets=())))
    assert none.status == "missing"


@pytest.mark.parametrize(
    ("gap_ns", "fps"),
    [(33_333_333, 30), (34_500_000, 30), (40_000_000, 25), (66_000_000, 15), (0, 30), (-1, 30)],
)
def test_a_rate_is_that_of_the_source_not_of_the_frames_that_came(gap_ns: int, fps: int) -> None:
    rate, image = Rate(), np.zeros((2, 2, 3), np.uint8)
    for index in (0, 1, 5, 6, 6, 9, 10, 30, 31, 32, 33, 34):
        assert not rate.known
        late_ns = 5_000_000 * (index == 9)
        rate.see(Frame(image, index, index * gap_ns + late_ns))
    assert rate.known
    assert rate.fps == fps
