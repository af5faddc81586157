"""The whole way, on U2NETP with random weights and the smallest picture it takes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from convert import steps
from convert.__main__ import main
from convert.all import make_all, markdown
from convert.networks import make
from convert.pictures import load
from convert.steps import Order, Step
from edge.errors import ModelError
from edge.zoo import Zoo
from edge.zoo.card_file import read_card
from tests.unit.convert.tiny import settled


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    network = make("u2netp")
    settled(network)
    path = tmp_path_factory.mktemp("weights") / "random.pth"
    torch.save(network.state_dict(), path)
    return path


def arguments(weights: Path, folder: Path) -> list[str]:
    return [
        *("all", "--model", "u2netp", "--size", "32x32", "--weights", str(weights)),
        *("--count", "4", "--parity-count", "2"),
        *("--output", str(folder / "out"), "--cache-dir", str(folder / "cache")),
    ]


@pytest.mark.slow
def test_all_that_can_be_made_here_is_made_tried_raced_and_reported(
    weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments(weights, tmp_path)) == 0
    told = capsys.readouterr().out
    out = tmp_path / "out"
    report = json.loads((out / "report-u2netp.json").read_text())
    made = {step["name"]: step for step in report["steps"]}
    assert list(made) == [
        "ONNX fp32",
        "ONNX int8",
        "OpenVINO bf16",
        "OpenVINO int8",
        "TensorRT fp16",
        "TensorRT int8",
    ]
    assert made["ONNX fp32"]["compared"]["passed"]
    there = {step["spec"] for step in report["steps"] if step["spec"]}
    assert set(report["times_ms"]) == there
    assert report["best"] == min(report["times_ms"], key=report["times_ms"].get)
    assert f"best: python -m edge --matting '{report['best']}'" in told
    for spec in there:
        path = Path(spec.partition(":")[2])
        assert read_card(path, "").fidelity is not None
    assert not list(out.glob(".making-*"))
    assert "## Parity" in (out / "report-u2netp.md").read_text()


@pytest.mark.slow
def test_what_cannot_be_made_is_left_out_and_the_rest_goes_on(
    weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise ModelError("there is no such thing here")

    monkeypatch.setattr(steps, "to_ir", refuse)
    monkeypatch.setattr(steps, "require_gpu", refuse)
    pictures = load(None, 4)
    order = Order(
        model="u2netp",
        size=(32, 32),
        weights=weights,
        calibrating=pictures,
        judging=pictures,
        output=tmp_path / "out",
        zoo=Zoo(tmp_path / "cache"),
    )
    lines: list[str] = []
    outcome = make_all(order, lines.append)
    refused = {step.name for step in outcome.steps if step.refused}
    assert {"OpenVINO bf16", "TensorRT fp16", "TensorRT int8"} <= refused
    assert "  left out: there is no such thing here" in lines
    assert outcome.best.startswith("onnx:")
    text = markdown(order, outcome)
    assert "## Left out" in text
    assert "* TensorRT fp16: there is no such thing here" in text


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (["--size", "33x32"], "the nearest is 32x32"),
        (["--weights", "nowhere.pth"], "nowhere.pth: No such file"),
        (["--data", "nowhere"], "nowhere: no pictures"),
        (["--model", "u3net"], "no such network"),
    ],
)
def test_bad_input_ends_it_before_anything_is_made(
    changes: list[str], told: str, weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*arguments(weights, tmp_path), *changes]) in (1, 2)
    assert told in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_the_first_product_must_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing:
        def __init__(self, order: object) -> None:
            """Nothing to prepare."""

        def steps(self) -> list[tuple[str, object]]:
            def fail() -> Step:
                raise ModelError("no graph")

            return [("ONNX fp32", fail)]

    monkeypatch.setattr("convert.all.Work", Failing)
    with pytest.raises(ModelError, match="no graph"):
        make_all(None, lambda line: None)  # type: ignore[arg-type]
