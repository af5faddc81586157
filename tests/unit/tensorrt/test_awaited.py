"""The service goes on while an engine is built; the engine takes over once it is found good."""

from __future__ import annotations

import gc
import os
import re
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.errors import ModelError, ModelMismatch
from edge.frame import Frame, Matte
from edge.tensorrt import awaited, record
from edge.tensorrt.awaited import Awaited, Plan
from edge.tensorrt.trial import FRAMES, Trial

FRAME = Frame(np.zeros((8, 8, 3), np.uint8), 0, 0)


class Model:
    """Gives the same alpha everywhere."""

    def __init__(self, alpha: float, shape: tuple[int, int] = (4, 4)) -> None:
        self.alpha = np.full(shape, alpha, np.float32)
        self.frames = self.resets = 0
        self.broken = False

    def matte(self, frame: Frame) -> Matte:
        self.frames += 1
        if self.broken:
            raise ModelError("the GPU is gone")
        return Matte(self.alpha)

    def reset(self) -> None:
        self.resets += 1


class FakeBuild:
    """In the place of the child process."""

    started: list[FakeBuild] = []

    def __init__(self, arguments: Any, done: Callable[[str | None], None]) -> None:
        self.progress, self.done = 0.0, done
        self.arguments = list(arguments)
        FakeBuild.started.append(self)


@pytest.fixture(autouse=True)
def builds(monkeypatch: pytest.MonkeyPatch) -> list[FakeBuild]:
    FakeBuild.started = []
    monkeypatch.setattr(awaited, "Build", FakeBuild)
    return FakeBuild.started


@pytest.fixture
def engine(tmp_path: Path) -> Path:
    return tmp_path / "u2netp.engine"


def plan(engine: Path, model: Model | ModelError) -> Plan:
    def load() -> Model:
        if isinstance(model, ModelError):
            raise model
        return model

    return Plan(engine, "fp16", ["--model", "u2netp"], load)


def shown(model: Awaited) -> float:
    return float(model.matte(FRAME).alpha[0, 0])


def test_the_standby_serves_until_the_engine_has_proven_itself(
    engine: Path, builds: list[FakeBuild]
) -> None:
    standby, fast = Model(0.5), Model(0.505)
    model = Awaited(standby, plan(engine, fast))
    assert shown(model) == 0.5
    builds[0].progress = 0.25
    assert model.progress == 0.25
    engine.touch()
    builds[0].done(None)
    for _ in range(FRAMES):
        assert shown(model) == 0.5  # on trial, its matte is not shown
    assert shown(model) == pytest.approx(0.505)
    assert standby.frames == 1 + FRAMES
    assert model.error is None
    assert model.progress is None
    assert record.passed(engine)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (Model(0.9), "off by 0.4 on average; at most 0.01"),
        (Model(np.nan), "off by nan"),
        (Model(0.5, (2, 2)), r"is \(2, 2\), and should be \(4, 4\)"),
    ],
)
def test_an_engine_that_mattes_otherwise_never_serves(
    engine: Path, builds: list[FakeBuild], bad: Model, reason: str, caplog: Any
) -> None:
    model = Awaited(Model(0.5), plan(engine, bad))
    engine.touch()
    builds[0].done(None)
    assert [shown(model) for _ in range(FRAMES + 3)] == [0.5] * (FRAMES + 3)
    assert bad.frames == 1
    assert model.error is not None
    assert re.search(reason, model.error)
    assert "python -m convert tensorrt --model u2netp" in model.error
    assert not engine.exists()
    assert len(caplog.records) == 1


def test_a_failed_build_is_told_and_not_tried_again_soon(
    engine: Path, builds: list[FakeBuild], caplog: Any
) -> None:
    model = Awaited(Model(0.5), plan(engine, Model(0.5)))
    builds[0].done("out of memory")
    assert shown(model) == 0.5
    assert "out of memory. To try again: python -m convert" in (model.error or "")
    again = Awaited(Model(0.5), plan(engine, Model(0.5)))  # the service healed, or was restarted
    assert "out of memory" in (again.error or "")
    assert len(builds) == 1
    assert shown(again) == 0.5
    note = engine.with_suffix(".failed")
    past = time.time() - record.AGAIN_S - 1
    os.utime(note, (past, past))
    assert Awaited(Model(0.5), plan(engine, Model(0.5))).error is None
    assert len(builds) == 2


def test_an_engine_that_cannot_be_loaded_is_as_a_failed_build(
    engine: Path, builds: list[FakeBuild]
) -> None:
    model = Awaited(Model(0.5), plan(engine, ModelMismatch("TensorRT refuses it")))
    builds[0].done(None)
    assert shown(model) == 0.5
    assert "TensorRT refuses it" in (model.error or "")


def test_an_engine_that_breaks_on_trial_is_dropped(engine: Path, builds: list[FakeBuild]) -> None:
    broken = Model(0.5)
    broken.broken = True
    model = Awaited(Model(0.5), plan(engine, broken))
    builds[0].done(None)
    assert [shown(model), shown(model)] == [0.5, 0.5]
    assert broken.frames == 1
    assert "the GPU is gone" in (model.error or "")


def test_an_engine_that_breaks_in_service_is_an_error(
    engine: Path, builds: list[FakeBuild]
) -> None:
    fast = Model(0.5)
    model = Awaited(Model(0.5), plan(engine, fast))
    builds[0].done(None)
    for _ in range(FRAMES):
        model.matte(FRAME)
    fast.broken = True
    with pytest.raises(ModelError, match="the GPU is gone"):
        model.matte(FRAME)


def test_an_engine_that_was_built_but_never_tried_is_tried_now(
    engine: Path, builds: list[FakeBuild]
) -> None:
    engine.touch()
    fast = Model(0.505)
    model = Awaited(Model(0.5), plan(engine, fast))
    deadline = time.monotonic() + 60
    while fast.frames < FRAMES and time.monotonic() < deadline:
        assert shown(model) == 0.5
    assert shown(model) == pytest.approx(0.505)
    assert builds == []


def test_a_build_that_ends_after_its_model_is_gone_does_no_harm(
    engine: Path, builds: list[FakeBuild]
) -> None:
    model = Awaited(Model(0.5), plan(engine, Model(0.5)))
    gone = weakref.ref(model)
    del model
    gc.collect()
    assert gone() is None
    builds[0].done("too late")
    assert record.failure(engine) is None


def test_a_build_that_cannot_be_started_is_told(
    engine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: Any) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr(awaited, "Build", refuse)
    model = Awaited(Model(0.5), plan(engine, Model(0.5)))
    assert "the build cannot be started: no more processes" in (model.error or "")
    assert shown(model) == 0.5


def test_frames_without_a_usable_matte_decide_nothing() -> None:
    trial = Trial("fp16")
    bad, good = np.full((4, 4), np.nan, np.float32), np.full((4, 4), 0.5, np.float32)
    for _ in range(3 * FRAMES):
        trial.compare(good, bad)
    assert trial.passed is None
    for _ in range(FRAMES):
        trial.compare(good, good)
    assert trial.passed is True


def test_reset_reaches_the_model_in_service(engine: Path) -> None:
    standby = Model(0.5)
    Awaited(standby, plan(engine, Model(0.5))).reset()
    assert standby.resets == 1


def test_an_unwritable_folder_is_no_second_fault(engine: Path, caplog: Any) -> None:
    engine.parent.joinpath("file").touch()
    inside = engine.parent / "file" / "u2netp.engine"
    record.refuse(inside, "out of memory")
    assert "u2netp.failed" in caplog.text
    assert record.failure(inside) is None
