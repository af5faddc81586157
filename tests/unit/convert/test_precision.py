from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from convert.errors import ConversionError, UnsupportedOperation
from convert.export import export
from convert.graph import serialise
from convert.precision import to_fp16
from tests.unit.convert.tiny import picture, trained

FLOAT, HALF = TensorProto.FLOAT, TensorProto.FLOAT16


def exported() -> onnx.ModelProto:
    return export(trained(), (16, 16))


def types(model: onnx.ModelProto) -> dict[str, int]:
    graph = onnx.shape_inference.infer_shapes(model, strict_mode=True).graph
    values = (*graph.input, *graph.value_info, *graph.output)
    return {value.name: value.type.tensor_type.elem_type for value in values}


def test_all_between_the_ends_is_float16() -> None:
    graph = to_fp16(exported())
    found = types(graph)
    assert (found["rgb"], found["alpha"]) == (TensorProto.UINT8, FLOAT)
    for node in graph.graph.node:
        if node.op_type in ("Conv", "Relu", "MaxPool", "Resize"):
            assert found[node.output[0]] == HALF
    assert sum(node.op_type == "Cast" for node in graph.graph.node) == 3
    by_name = {tensor.name: tensor.data_type for tensor in graph.graph.initializer}
    assert by_name["side.weight"] == by_name["side.bias"] == HALF
    assert (by_name["scale"], by_name["offset"]) == (FLOAT, FLOAT)


def test_alpha_stays_close_and_the_fp32_graph_as_it_was() -> None:
    graph = exported()
    before = serialise(graph)
    half = to_fp16(graph)
    assert serialise(graph) == before
    rgb = (picture(16, 16) * 255).byte().permute(0, 2, 3, 1).numpy()
    first, second = (
        onnxruntime.InferenceSession(serialise(each)).run(["alpha"], {"rgb": rgb})[0]
        for each in (graph, half)
    )
    assert np.abs(first - second).max() < 5e-3
    assert (first != second).any()


def test_a_weight_beyond_float16_is_told() -> None:
    graph = exported()
    for tensor in graph.graph.initializer:
        if tensor.name == "side.weight":
            values = numpy_helper.to_array(tensor).copy()
            values[0, 0, 0, 0] = -1e5
            tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
    with pytest.raises(ConversionError, match=r"side.weight holds 1e\+05.*ends at 65504"):
        to_fp16(graph)


def small(nodes: list[onnx.NodeProto], constants: dict[str, list[float]]) -> onnx.ModelProto:
    """A graph from x (1, 1, 4, 4) float32 to y."""
    x = helper.make_tensor_value_info("x", FLOAT, [1, 1, 4, 4])
    y = helper.make_tensor_value_info("y", FLOAT, [None] * 4)
    tensors = [
        numpy_helper.from_array(np.array(value, np.float32), name)
        for name, value in constants.items()
    ]
    graph = helper.make_graph(nodes, "g", [x], [y], tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def test_float_ends_and_made_floats_are_converted_too() -> None:
    """A graph that begins and ends within the network, with scales that stay float32."""
    nodes = [
        helper.make_node("Relu", ["x"], ["a"]),
        helper.make_node("Resize", ["a", "", "scales"], ["b"], mode="linear"),
        helper.make_node("Cast", ["b"], ["c"], to=FLOAT),
        helper.make_node("Constant", [], ["k"], value=numpy_helper.from_array(np.float32(2))),
        helper.make_node("Mul", ["c", "k"], ["d"]),
        helper.make_node("Add", ["d", "one"], ["y"]),
    ]
    graph = small(nodes, {"scales": [1, 1, 2, 2], "one": [1]})
    half = to_fp16(graph)
    found = types(half)
    assert (found["x"], found["y"]) == (FLOAT, FLOAT)
    assert {found[name] for name in "abcdk"} == {HALF}
    x = np.linspace(-1, 1, 16, dtype=np.float32).reshape(1, 1, 4, 4)
    first, second = (
        onnxruntime.InferenceSession(serialise(each)).run(None, {"x": x})[0]
        for each in (graph, half)
    )
    assert np.abs(first - second).max() < 5e-3


def test_a_constant_of_both_sides_gets_two_forms() -> None:
    nodes = [
        helper.make_node("Mul", ["x", "two"], ["a"]),
        helper.make_node("Relu", ["a"], ["b"]),
        helper.make_node("Mul", ["b", "two"], ["y"]),
    ]
    half = to_fp16(small(nodes, {"two": [2]}))
    kinds = {tensor.name: tensor.data_type for tensor in half.graph.initializer}
    assert kinds == {"two": FLOAT, "two_fp16": HALF}


def test_a_quantised_graph_is_refused() -> None:
    nodes = [helper.make_node("QuantizeLinear", ["x", "scale"], ["q"])]
    nodes.append(helper.make_node("DequantizeLinear", ["q", "scale"], ["y"]))
    with pytest.raises(UnsupportedOperation, match="QuantizeLinear.*quantised already"):
        to_fp16(small(nodes, {"scale": [0.1]}))
