from __future__ import annotations

import json
from pathlib import Path

import onnx
import pytest
from onnx import TensorProto

from convert.__main__ import main
from convert.precision import to_fp16
from convert.quantise import quantise
from edge.matting.onnx import make as load_model
from edge.zoo.card_file import read_card
from tests.unit.convert.graphs import HEIGHT, WIDTH, graph, pictures


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.onnx"
    onnx.save(graph(), path)
    return path


def test_a_graph_that_is_brought_runs_with_its_card(file: Path) -> None:
    assert main(["card", str(file), "--licence", "MIT", "--fit", "letterbox"]) == 0
    card = read_card(file, "")
    assert (card.id, card.precision, card.input.size) == ("mine", "fp32", (WIDTH, HEIGHT))
    assert (card.licence.spdx, card.input.fit) == ("MIT", "letterbox")
    load_model(str(file))


def test_its_precision_is_read_from_the_graph(file: Path) -> None:
    for made, precision in (
        (to_fp16(graph()), "fp16"),
        (quantise(graph(), pictures()).model, "int8"),
    ):
        onnx.save(made, file)
        assert main(["card", str(file)]) == 0
        assert read_card(file, "").precision == precision


@pytest.mark.parametrize("change", ["float input", "open size", "two outputs", "half alpha"])
def test_another_graph_says_what_it_takes_and_what_is_wanted(
    change: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = graph()
    given, alpha = model.graph.input[0].type.tensor_type, model.graph.output[0].type.tensor_type
    if change == "float input":
        given.elem_type = TensorProto.FLOAT
    elif change == "open size":
        given.shape.dim[1].dim_param = "height"
    elif change == "two outputs":
        model.graph.output.append(model.graph.output[0])
        model.graph.output[1].name = "summed"
    else:
        alpha.shape.dim[2].dim_value //= 2
    file.write_bytes(model.SerializeToString())
    assert main(["card", str(file)]) == 1
    told = capsys.readouterr().err
    assert "mine.onnx: takes rgb" in told
    assert "Wanted one uint8 input (1, H, W, 3)" in told
    assert not file.with_suffix(".json").exists()


@pytest.mark.parametrize("content", [b"", b"no graph at all", bytes(range(256))])
def test_what_is_no_onnx_file_is_told_as_ours(
    content: bytes, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(content)
    assert main(["card", str(file)]) == 1
    assert "not a valid ONNX file" in capsys.readouterr().err


def test_a_file_that_is_not_there_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["card", str(tmp_path / "nothing.onnx")]) == 1
    assert "nothing.onnx: No such file" in capsys.readouterr().err


def report(folder: Path, matting: str, changes: dict[str, object] | None = None) -> Path:
    """As ``python -m bench quality --json`` prints it."""
    raw = {"mad": {"mean": 11.2018, "median": 10}, "grad": {"mean": 2.2, "median": 2}}
    clip = {"name": "franck", "kind": "clip", "samples": 240, "hidden": 0, "raw": raw}
    alpha = {"mean_alpha": {"mean": 0.001, "median": 0}}
    empty = {"name": "empty", "kind": "empty", "samples": 19, "hidden": 0, "raw": alpha}
    path = folder / "found.json"
    path.write_text(json.dumps({"matting": matting, "parts": [clip, empty]} | (changes or {})))
    return path


@pytest.mark.parametrize("spec", ["onnx:mine", "onnx:{file}", "openvino:{file}?threads=1"])
def test_what_was_measured_comes_onto_the_card(spec: str, file: Path) -> None:
    assert main(["card", str(file), "--licence", "MIT"]) == 0
    before = read_card(file, "")
    found = report(file.parent, spec.format(file=file))
    assert main(["card", str(file), "--quality", str(found)]) == 0
    after = read_card(file, "")
    assert after.model_copy(update={"quality": ()}) == before
    clip, empty = after.quality
    assert (clip.data, clip.mad, clip.grad) == ("franck, 240 frames", 11.2018, 2.2)
    assert (empty.mad, empty.mean_alpha) == (None, 0.001)


@pytest.mark.parametrize(
    ("changes", "status", "told"),
    [
        ({"matting": "onnx:other"}, 2, "this is the card of mine"),
        ({"parts": [{"name": "x"}]}, 2, "not what python -m bench quality --json prints"),
        ({"parts": None}, 2, "not what python -m bench quality --json prints"),
    ],
)
def test_a_report_of_another_model_or_none_is_refused(
    changes: dict[str, object],
    status: int,
    told: str,
    file: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["card", str(file)]) == 0
    before = read_card(file, "")
    found = report(file.parent, "onnx:mine", changes)
    assert main(["card", str(file), "--quality", str(found)]) == status
    assert told in capsys.readouterr().err
    assert read_card(file, "") == before
