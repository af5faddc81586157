from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from onnx import TensorProto, helper, numpy_helper

from convert import weights
from convert.errors import WeightsError
from convert.export import export
from convert.graph import serialise
from convert.networks import make
from convert.networks.fusing import fuse
from convert.precision import to_fp16
from tests.unit.convert.tiny import Tiny, picture, same, trained


def test_weights_come_back_from_a_graph_to_the_last_bit(tmp_path: Path) -> None:
    network, source = Tiny(), trained()
    path = tmp_path / "tiny.onnx"
    path.write_bytes(serialise(export(source, (8, 8))))
    weights.load(network, path)
    fuse(source)
    assert same(network, source)


def test_an_fp16_graph_gives_its_rounded_weights(tmp_path: Path) -> None:
    network, source = Tiny(), trained()
    path = tmp_path / "tiny.onnx"
    path.write_bytes(serialise(to_fp16(export(source, (8, 8)))))
    weights.load(network, path)
    assert torch.equal(network.side.weight, source.side.weight.half().float())


def test_the_published_weights_give_the_published_alpha(published: Path) -> None:
    """
    Two runtimes add up in two orders, and the network magnifies what that changes; a double
    precision run lies as far from either as they from each other.
    """
    network = make("u2netp").eval()
    weights.load(network, published)
    rgb = picture(320, 320)
    image = (rgb * 255).round().byte()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(published), options)
    (theirs,) = session.run(["alpha"], {"rgb": image.permute(0, 2, 3, 1).numpy()})
    with torch.no_grad():
        ours = torch.sigmoid(network(image / 255)[0]).numpy()
    assert theirs.max() - theirs.min() > 0.01
    assert np.abs(ours - theirs).mean() < 5e-6
    assert np.abs(ours - theirs).max() < 1e-3


def test_a_graph_of_another_network_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "tiny.onnx"
    path.write_bytes(serialise(export(trained(), (8, 8))))
    with pytest.raises(WeightsError, match="not u2netp: 2 convolutions, wanted 119"):
        weights.load(make("u2netp"), path)


def graph_of(*nodes: onnx.NodeProto) -> bytes:
    ends = [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in ("x", "y")]
    constant = numpy_helper.from_array(np.zeros((1, 1, 1, 1), np.float32), "w")
    graph = helper.make_graph(nodes, "g", ends[:1], ends[1:], [constant])
    return bytes(helper.make_model(graph).SerializeToString())


@pytest.mark.parametrize(
    ("nodes", "told"),
    [
        ([helper.make_node("Relu", ["x"], ["y"])], "without convolutions"),
        ([helper.make_node("Conv", ["x", "x"], ["y"], name="c")], "weights of c are quantised"),
        (
            [
                helper.make_node("Conv", ["x", "w"], ["z"]),
                helper.make_node("BatchNormalization", ["z"] * 5, ["y"]),
            ],
            "batch norms are not folded",
        ),
    ],
)
def test_a_graph_whose_weights_cannot_be_told_is_refused(
    tmp_path: Path, nodes: list[onnx.NodeProto], told: str
) -> None:
    path = tmp_path / "odd.onnx"
    path.write_bytes(graph_of(*nodes))
    with pytest.raises(WeightsError, match=told):
        weights.load(Tiny(), path)
