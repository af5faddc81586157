"""Fitting: it learns, it ends as it should, and nothing that stops it costs more than time."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from train.errors import CheckpointError, ConfigError, Diverged, OutOfMemory
from train.fit import command
from train.fit.config import load
from train.fit.ema import Ema
from train.fit.progress import Log
from train.fit.schedule import Schedule

CONFIG = """
[network]
name = "small"
[data]
index = "people"
sizes = [[64, 64]]
side = 96
held_out = 0.4
validate_on = 4
[fit]
steps = 6
epoch = 3
checkpoint = 1
batch = 4
warm_up = 2
learning_rate = 1e-2
precision = "fp32"
workers = 0
threads = 1
"""


class Small(nn.Module):
    """A network of one scale, quick enough for a test."""

    def __init__(self) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1),
            nn.BatchNorm2d(8),
            nn.ReLU(),
            nn.Conv2d(8, 2, 3, padding=1),
        )

    def forward(self, rgb: Tensor) -> list[Tensor]:
        return list(self.body(rgb).split(1, dim=1))


@pytest.fixture
def config(people: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run of ``Small``; ``people`` lies beside it."""
    monkeypatch.setattr(command, "make", lambda name: Small())
    path = people.parent / "run.toml"
    path.write_text(CONFIG)
    return path


def fit(config: Path, **changes: object) -> str:
    out = config.parent / str(changes.pop("out", "out"))
    given = {key.replace("__", "."): value for key, value in changes.items()}
    return command.fit(load(config, given), out)


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.open()))


def weights(path: Path) -> dict[str, Tensor]:
    return dict(torch.load(path, weights_only=True)["state_dict"])


def test_the_loss_falls_and_the_run_tells_where_the_best_is(config: Path) -> None:
    said = fit(config, fit__steps=80, fit__epoch=20, fit__learning_rate=3e-2)
    assert said.startswith("small, from scratch, as asked: done after 80 steps")
    assert "python -m convert onnx --model small --size 64x64 --weights" in said
    losses = [float(row["loss"]) for row in rows(config.parent / "out" / "steps.csv")]
    scores = [float(row["score"]) for row in rows(config.parent / "out" / "validations.csv")]
    assert len(losses) == len(scores) - 1 == 4  # what it starts from is measured, too
    assert all(map(math.isfinite, losses))
    assert min(scores) < 0.9 * scores[0]
    best = torch.load(config.parent / "out" / "best.pt", weights_only=True)
    assert best["state"]["best"] == pytest.approx(min(scores), rel=1e-4)


def test_each_validation_leaves_contact_sheets(config: Path) -> None:
    fit(config)
    for step in ("000003", "000006"):
        names = {path.name for path in (config.parent / "out" / "sheets" / step).iterdir()}
        assert names == {"as-taken-64x64.png", "composited-64x64.png", "empty-64x64.png"}


def test_a_run_that_was_stopped_and_resumed_ends_as_an_unbroken_one(config: Path) -> None:
    fit(config, out="unbroken", fit__schedule="constant")
    fit(config, out="broken", fit__schedule="constant", fit__steps=3)
    fit(config, out="broken", fit__schedule="constant")
    unbroken, resumed = (
        torch.load(config.parent / name / "last.pt", weights_only=True)
        for name in ("unbroken", "broken")
    )
    for part in ("state_dict", "fitted"):
        assert all(torch.equal(unbroken[part][key], resumed[part][key]) for key in unbroken[part])


def test_a_finished_run_only_says_so(config: Path) -> None:
    fit(config)
    before = weights(config.parent / "out" / "last.pt")
    assert "done after 6 steps" in fit(config)
    after = weights(config.parent / "out" / "last.pt")
    assert all(torch.equal(before[key], after[key]) for key in before)


def test_a_loss_that_is_no_number_ends_the_run_and_keeps_the_last_good(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = 0
    true_total = command.Learner._loss

    def poisoned(self: command.Learner, batch: object) -> object:
        nonlocal calls
        calls += 1
        loss, terms = true_total(self, batch)
        return (loss * math.nan if calls == 5 else loss), terms

    monkeypatch.setattr(command.Learner, "_loss", poisoned)
    with pytest.raises(Diverged, match=r"step 4: loss nan.*learning_rate.*of step 4"):
        fit(config)
    kept = torch.load(config.parent / "out" / "last.pt", weights_only=True)
    assert kept["state"]["step"] == 4
    assert all(value.isfinite().all() for value in kept["fitted"].values())


def test_running_out_of_memory_says_which_batch_fits(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forward = Small.forward

    def tight(self: Small, rgb: Tensor) -> list[Tensor]:
        if self.training and len(rgb) > 4:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return forward(self, rgb)

    monkeypatch.setattr(Small, "forward", tight)
    with pytest.raises(OutOfMemory, match="16 pictures do not fit into memory; 4 fit"):
        fit(config, fit__batch=16)


def test_running_out_of_memory_in_the_optimizer_is_told_the_same_way(
    config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.optim.AdamW, "step", _full)
    with pytest.raises(OutOfMemory, match="4 pictures do not fit into memory; not even 2 fit"):
        fit(config)


def _full(*_: object, **__: object) -> None:
    raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")


def test_a_folder_of_another_run_is_not_overwritten(config: Path) -> None:
    fit(config)
    with pytest.raises(CheckpointError, match="other settings"):
        fit(config, fit__learning_rate=0.5)


def test_a_damaged_checkpoint_is_named(config: Path) -> None:
    fit(config)
    last = config.parent / "out" / "last.pt"
    last.write_bytes(last.read_bytes()[:1000])
    with pytest.raises(CheckpointError, match=r"last\.pt: damaged"):
        fit(config)


def test_a_run_that_gets_no_better_stops_early(config: Path) -> None:
    said = fit(config, fit__steps=90, fit__epoch=1, fit__stop_after=2, fit__learning_rate=1e-12)
    assert "no better for long after" in said
    assert len(rows(config.parent / "out" / "validations.csv")) < 20


def test_a_run_over_minutes_ends_after_them(config: Path) -> None:
    said = fit(config, fit__steps=100_000, fit__minutes=0.02)
    assert ": done after" in said
    assert (config.parent / "out" / "best.pt").exists()


def test_a_run_starts_from_the_weights_of_another(config: Path) -> None:
    pytest.importorskip("convert.weights")
    from convert.networks import make

    torch.manual_seed(1)
    network = make("portrait_fast")
    torch.save({"state_dict": network.state_dict()}, config.parent / "start.pt")
    other = make("portrait_fast")
    command.start(other, str(config.parent / "start.pt"), [])
    for key, value in network.state_dict().items():
        assert torch.equal(other.state_dict()[key], value)


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("fit.learning_rate", -1, "fit.learning_rate"),
        ("fit.batch", 3, "fit.batch"),
        ("fit.speed", 3, "fit.speed"),
        ("data.composited", 0.95, "more than 1"),
        ("fit.precision", "int4", "fit.precision"),
    ],
)
def test_a_wrong_setting_is_named(config: Path, key: str, value: object, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        load(config, {key: value})


def test_a_missing_or_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml"):
        load(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("[network\n")
    with pytest.raises(ConfigError, match="not TOML"):
        load(tmp_path / "bad.toml")


def test_the_learning_rate_rises_gently_then_follows_a_cosine() -> None:
    schedule = Schedule("cosine", warm_up=9, patience=1)
    assert schedule.rate(0, 0.0) == pytest.approx(0.1)
    assert schedule.rate(9, 0.0) == pytest.approx(1)
    assert schedule.rate(500, 0.5) == pytest.approx(0.5)
    assert schedule.rate(999, 1.0) == pytest.approx(0)


def test_on_a_plateau_the_rate_halves_after_patience_runs_out() -> None:
    schedule = Schedule("plateau", warm_up=0, patience=2)
    for better in (True, False, False, True, False, False, False, False):
        schedule.validated(better)
    assert schedule.rate(100, 0.9) == pytest.approx(0.125)


def test_the_average_follows_closely_at_first_and_slowly_later() -> None:
    network = nn.Linear(1, 1, bias=False)
    nn.init.zeros_(network.weight)
    ema = Ema(network, 0.99)
    nn.init.ones_(network.weight)
    ema.update(network, 0)
    assert float(ema.network.weight) == pytest.approx(0.9)  # type: ignore[arg-type]
    nn.init.zeros_(network.weight)
    ema.update(network, 10**6)
    assert float(ema.network.weight) == pytest.approx(0.9 * 0.99)  # type: ignore[arg-type]


def test_rows_after_the_step_that_a_run_resumes_from_are_dropped(tmp_path: Path) -> None:
    with Log(tmp_path, "steps", 0) as log:
        for step in (10, 20, 30):
            log.write(step, {"loss": step / 10})
    with (tmp_path / "steps.csv").open("a") as file:
        file.write("4")  # cut off by a kill
    with Log(tmp_path, "steps", 20) as log:
        log.write(30, {"loss": 9, "more": 1})
    assert [(row["step"], row["loss"]) for row in rows(tmp_path / "steps.csv")] == [
        ("10", "1"),
        ("20", "2"),
        ("30", "9"),
    ]
