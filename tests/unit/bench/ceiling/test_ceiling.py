"""The machine's ceiling, and what a model's layers reach of it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from bench.__main__ import main
from bench.ceiling import graphs, with_onnxruntime
from bench.ceiling.layers import convolution
from bench.ceiling.located import locate
from bench.ceiling.peak import measure_peak
from edge.errors import InputError, ModelError
from edge.zoo import Zoo

WIDTH, HEIGHT = 48, 32
MACS = WIDTH * HEIGHT * (3 * 8 * 9 + 8 * 1 * 1)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """Two convolutions, 3x3 to 8 channels and 1x1 to alpha, with its card."""
    random = np.random.default_rng(0)
    weights = [
        numpy_helper.from_array(random.normal(size=shape).astype(np.float32) / 9, name)
        for name, shape in (("first", (8, 3, 3, 3)), ("second", (1, 8, 1, 1)))
    ]
    nodes = [
        helper.make_node("Cast", ["rgb"], ["floats"], "cast", to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["floats"], ["planes"], "planes", perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["planes", "first"], ["wide"], "wide", pads=[1, 1, 1, 1]),
        helper.make_node("Conv", ["wide", "second"], ["level"], "level"),
        helper.make_node("Sigmoid", ["level"], ["alpha"], "alpha"),
    ]
    ends = (
        helper.make_tensor_value_info("rgb", TensorProto.UINT8, (1, HEIGHT, WIDTH, 3)),
        helper.make_tensor_value_info("alpha", TensorProto.FLOAT, (1, 1, HEIGHT, WIDTH)),
    )
    graph = helper.make_graph(nodes, "tiny", [ends[0]], [ends[1]], weights)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    path = tmp_path / "tiny.onnx"
    onnx.save(made, str(path))
    path.with_suffix(".json").write_text(json.dumps(_card(path)))
    return path


def _card(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    return {
        "id": "tiny",
        "label": "Tiny",
        "task": "matting",
        "file": path.name,
        "sha256": hashlib.sha256(data).hexdigest(),
        "size_bytes": len(data),
        "input": {"width": WIDTH, "height": HEIGHT, "fit": "stretch", "interpolation": "linear"},
        "output": "alpha",
        "precision": "fp32",
        "runtime": "onnx",
        "licence": {"spdx": "Apache-2.0"},
        "origin": {"source": "made for this test"},
    }


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("CHANNELS", 16), ("SIDE", 8), ("LAYERS", 1), ("ORDER", 32)):
        monkeypatch.setattr(graphs, name, value)


PICTURE = np.zeros((1, HEIGHT, WIDTH, 3), np.uint8)


def test_multiply_accumulates_of_convolutions() -> None:
    assert convolution((1, 64, 10, 20), (64, 32, 3, 3)) == 10 * 20 * 64 * 32 * 9
    assert convolution((1, 64, 10, 20), (64, 1, 3, 3)) == 10 * 20 * 64 * 9  # depthwise


def test_onnxruntime_tells_each_layer(model: Path) -> None:
    assert with_onnxruntime.macs_of(model, PICTURE, "rgb") == MACS
    layers = with_onnxruntime.layers_of(model, PICTURE, "rgb")
    assert sum("Conv" in layer.kind for layer in layers) == 2
    assert sum(layer.macs for layer in layers) >= MACS  # it may fill up channels
    assert all(layer.ms >= 0 for layer in layers)


def test_openvino_tells_each_layer(model: Path) -> None:
    pytest.importorskip("openvino")
    from bench.ceiling import with_openvino

    assert with_openvino.macs_of(model, PICTURE) == MACS
    layers = with_openvino.layers_of(model, PICTURE, {"INFERENCE_PRECISION_HINT": "f32"})
    assert sum(layer.macs for layer in layers) == MACS
    assert {layer.precision for layer in layers if layer.macs} == {"f32"}


def test_a_file_that_does_not_run_is_refused(tmp_path: Path) -> None:
    (tmp_path / "bad.onnx").write_bytes(b"nothing")
    with pytest.raises(ModelError, match="cannot run it"):
        with_onnxruntime.layers_of(tmp_path / "bad.onnx", PICTURE, "rgb")


def test_every_precision_has_a_ceiling_or_a_reason(small: None) -> None:
    peaks = measure_peak(1)
    assert set(peaks) == {"f32", "bf16", "i8"}
    for found in peaks.values():
        assert (found["gmac_s"] or 0) > 0 or found["skipped"]
    assert peaks["f32"]["gmac_s"] == max(peaks["f32"]["each"].values())
    assert "bfloat16" in peaks["bf16"]["skipped"]["onnxruntime convolution bf16"]


def test_the_graph_of_integers_computes_what_that_of_floats_does(small: None) -> None:
    import onnxruntime

    found = []
    for integers in (False, True):
        data, macs, feed = graphs.products(integers)
        assert macs == 2 * 32**3
        session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
        found.append(session.run(None, {"x": feed})[0])
    floats, integers_ = found
    assert np.abs(integers_ - floats).mean() < 0.05 * np.abs(floats).mean()


def test_a_spec_is_followed_to_its_file(model: Path, tmp_path: Path) -> None:
    found = locate(f"onnx:{model}", Zoo(tmp_path))
    assert (found.runtime, found.path, found.precision) == ("onnx", model, "f32")
    assert locate(f"openvino:{model}?precision=bf16", Zoo(tmp_path)).precision == "bf16"
    with pytest.raises(InputError, match="told by onnx: and openvino:"):
        locate("constant:1", Zoo(tmp_path))


def test_the_command_tells_the_ceiling_and_what_is_reached(
    small: None, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    specs = [f"onnx:{model}", "constant:1"]
    assert main(["peak", "--rounds", "1", "--json", *specs]) == 0
    report = json.loads(capsys.readouterr().out)
    tiny = report["models"][specs[0]]
    assert tiny["gmac"] == pytest.approx(MACS / 1e9, abs=0.001)
    assert tiny["reached_percent"] > 0
    assert {"name", "kind", "ms", "of_peak_percent"} <= set(tiny["layers"][0])
    assert "told by" in report["models"]["constant:1"]["skipped"]


def test_the_table_names_the_longest_layers(
    small: None, model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["peak", "--rounds", "1", f"onnx:{model}"]) == 0
    shown = capsys.readouterr().out
    assert "% of the f32 ceiling" in shown
    assert "longest layers" in shown
