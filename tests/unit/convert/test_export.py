from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from numpy.typing import NDArray

from convert.errors import ConversionError, SizeError, UnsupportedOperation
from convert.export import OPSET, export
from convert.graph import serialise
from convert.networks import make
from tests.unit.convert.tiny import Tiny, picture, settled, trained

ROOT = Path(__file__).resolve().parents[3]


def alpha(graph: onnx.ModelProto, rgb: torch.Tensor) -> NDArray[np.float32]:
    image = (rgb * 255).round().byte().permute(0, 2, 3, 1).numpy()
    session = onnxruntime.InferenceSession(serialise(graph))
    (found,) = session.run(["alpha"], {"rgb": image})
    return np.asarray(found, np.float32)


def wanted(network: torch.nn.Module, rgb: torch.Tensor) -> NDArray[np.float32]:
    with torch.no_grad():
        return np.asarray(torch.sigmoid(network((rgb * 255).round() / 255)[0]).numpy(), np.float32)


def kinds(graph: onnx.ModelProto) -> Counter[str]:
    return Counter(node.op_type for node in graph.graph.node)


@pytest.mark.parametrize(("height", "width"), [(32, 32), (18, 34)])
def test_bytes_in_and_alpha_out_with_all_else_inside(height: int, width: int) -> None:
    network = trained()
    graph = export(network, (width, height))
    rgb = picture(height, width)
    found = alpha(graph, rgb)
    assert found.shape == (1, 1, height, width)
    assert np.abs(found - wanted(network, rgb)).max() < 1e-5


def test_the_graph_is_plain_and_one_size() -> None:
    graph = export(trained(), (32, 16))
    assert kinds(graph) == Counter(
        {"Conv": 2, "Mul": 2, "Cast": 1, "Transpose": 1, "Add": 1}
        | {"Relu": 1, "MaxPool": 1, "Resize": 1, "Sigmoid": 1}
    )
    assert graph.graph.node[0].op_type == "Cast"  # TensorRT takes uint8 nowhere else
    for value in (*graph.graph.input, *graph.graph.value_info, *graph.graph.output):
        assert all(dim.dim_value > 0 for dim in value.type.tensor_type.shape.dim)
    names = [node.name for node in graph.graph.node]
    assert {"block.conv_s1", "side"} < set(names)
    assert len(set(names)) == len(names)


def test_the_network_stays_as_it_was() -> None:
    network = trained().train()
    export(network, (8, 8))
    assert network.training
    assert isinstance(network.block.bn_s1, torch.nn.BatchNorm2d)


def test_nothing_of_the_machine_is_in_the_file() -> None:
    graph = export(trained(), (8, 8))
    content = serialise(graph)
    for word in (b"convert/", b".py", b"stack_trace", b"aten", str(ROOT).encode()):
        assert word not in content


@pytest.mark.slow
def test_another_process_makes_the_same_bytes() -> None:
    code = (
        "import hashlib, tests.unit.convert.test_export as t\n"
        "from convert.precision import to_fp16\n"
        "g = t.export(t.trained(), (8, 8))\n"
        "print([hashlib.sha256(t.serialise(x)).hexdigest() for x in (g, to_fp16(g))])"
    )
    made = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "PATH": "/usr/bin:/bin"},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(made) == 1


@pytest.mark.parametrize("opset", [16, OPSET, 18, 21])
def test_an_opset_may_be_chosen(opset: int) -> None:
    network = trained()
    graph = export(network, (16, 16), opset=opset)
    assert [entry.version for entry in graph.opset_import] == [opset]
    assert np.abs(alpha(graph, picture(16, 16)) - wanted(network, picture(16, 16))).max() < 1e-5


@pytest.mark.parametrize("opset", [0, 15, 99])
def test_an_opset_that_is_not_written_is_refused(opset: int) -> None:
    with pytest.raises(ConversionError, match="wanted 16 to 23"):
        export(trained(), (8, 8), opset=opset)


def test_a_dynamic_graph_runs_at_other_sizes() -> None:
    network = trained()
    graph = export(network, (32, 16), dynamic=True)
    (taken,), (given,) = graph.graph.input, graph.graph.output
    sides = [[dim.dim_param for dim in end.type.tensor_type.shape.dim] for end in (taken, given)]
    assert sides == [["", "height", "width", ""], ["", "", "height", "width"]]
    for height, width in ((16, 32), (48, 20)):
        rgb = picture(height, width)
        found = alpha(graph, rgb)
        assert found.shape == (1, 1, height, width)
        assert np.abs(found - wanted(network, rgb)).max() < 1e-5


def test_a_size_the_network_cannot_run_at_is_refused() -> None:
    with pytest.raises(SizeError, match="7x8"):
        export(trained(), (8, 7))


class Odd(Tiny):
    def logits(self, normalised: torch.Tensor) -> list[torch.Tensor]:
        return [torch.special.bessel_j0(each) for each in super().logits(normalised)]


def test_an_operation_that_onnx_lacks_is_named() -> None:
    with pytest.raises(UnsupportedOperation, match="uses prims.bessel_j0"):
        export(Odd().eval(), (8, 8))


class Branching(Tiny):
    def logits(self, normalised: torch.Tensor) -> list[torch.Tensor]:
        return super().logits(normalised if normalised.mean() > 0 else -normalised)


def test_a_network_that_depends_on_its_picture_is_refused() -> None:
    with pytest.raises(ConversionError, match="torch could not export"):
        export(Branching().eval(), (8, 8))


@pytest.mark.slow
def test_portrait_fast_becomes_a_graph_that_gives_its_alpha() -> None:
    network = make("portrait_fast")
    settled(network)
    torch.nn.init.normal_(network.get_parameter("residual.weight"), std=0.1)
    graph = export(network, (64, 128))
    rgb = picture(128, 64)
    assert np.abs(alpha(graph, rgb) - wanted(network, rgb)).max() < 1e-3
    assert kinds(graph)["BatchNormalization"] == kinds(graph)["Shape"] == 0
