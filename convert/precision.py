"""
fp32 -> fp16, typed: every tensor between the ends is float16 in the graph itself.

TensorRT 11 has no flag for it any more, and a typed graph is the same on every runtime. The ends
stay as they were: uint8 in, float32 alpha out. Normalisation and the sigmoid stay fp32: they cost
nothing, and half a float has too few digits near 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import takewhile
from typing import TYPE_CHECKING

import numpy as np

from convert.errors import ConversionError, UnsupportedOperation
from convert.graph import check

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto, TensorProto

LARGEST = float(np.finfo(np.float16).max)
NORMALISATION = {"Cast", "Transpose", "Sub", "Div", "Mul", "Add"}
FLOAT32_INPUTS = {"Resize": (1, 2)}  # region and scales: float32, whatever the picture is
REFUSED = {"QuantizeLinear": "it is quantised already", "If": "it branches", "Loop": "it loops"}


def to_fp16(model: ModelProto) -> ModelProto:
    """
    A float16 copy of an fp32 graph that ``edge.zoo.wrapping`` or ``convert.export`` made.

    Raises:
        UnsupportedOperation: the graph is quantised, or has graphs inside it.
        ConversionError: a weight is too large for float16, or an operation has no float16 form.
    """
    from onnx import ModelProto, shape_inference

    made = ModelProto()
    made.CopyFrom(model)
    graph = made.graph
    for node in graph.node:
        if node.op_type in REFUSED:
            raise UnsupportedOperation(f"{node.op_type} in the graph: {REFUSED[node.op_type]}")
    floats = _float_names(shape_inference.infer_shapes(made, strict_mode=True).graph)
    nodes = list(graph.node)
    first = [*takewhile(lambda node: node.op_type in NORMALISATION, nodes)]
    last = nodes[-1:] if nodes[-1].op_type == "Sigmoid" else []
    middle = nodes[len(first) : len(nodes) - len(last)]
    fixed = {name for node in middle for name in _fixed_inputs(node)}
    _halve_constants(graph, middle, [*first, *last], fixed)
    _halve_attributes(middle, fixed)
    given = {value.name for value in graph.input} | _outputs(first)
    wanted = {value.name for value in graph.output} | _inputs(last)
    entering = sorted((_inputs(middle) & given & floats) - fixed)
    leaving = sorted(_outputs(middle) & wanted & floats)
    _rename(middle, {name: f"{name}_fp16" for name in (*entering, *leaving)})
    ordered = [
        *first,
        *(_cast(name, f"{name}_fp16", np.float16) for name in entering),
        *middle,
        *(_cast(f"{name}_fp16", name, np.float32) for name in leaving),
        *last,
    ]
    del graph.node[:], graph.value_info[:]
    graph.node.extend(ordered)
    check(made)
    made.CopyFrom(shape_inference.infer_shapes(made, strict_mode=True))
    return made


def _float_names(graph: GraphProto) -> set[str]:
    """The activations that are float32."""
    from onnx import TensorProto

    values = (*graph.input, *graph.value_info, *graph.output)
    return {v.name for v in values if v.type.tensor_type.elem_type == TensorProto.FLOAT}


def _inputs(nodes: Iterable[NodeProto]) -> set[str]:
    return {name for node in nodes for name in node.input if name}


def _outputs(nodes: Iterable[NodeProto]) -> set[str]:
    return {name for node in nodes for name in node.output if name}


def _fixed_inputs(node: NodeProto) -> list[str]:
    places = FLOAT32_INPUTS.get(node.op_type, ())
    return [node.input[i] for i in places if i < len(node.input) and node.input[i]]


def _rename(nodes: Iterable[NodeProto], names: Mapping[str, str]) -> None:
    for node in nodes:
        node.input[:] = [names.get(name, name) for name in node.input]
        node.output[:] = [names.get(name, name) for name in node.output]


def _cast(source: str, target: str, kind: type[np.floating]) -> NodeProto:
    from onnx import helper

    to = helper.np_dtype_to_tensor_dtype(np.dtype(kind))
    return helper.make_node("Cast", [source], [target], name=f"Cast_{target}", to=to)


def _halve_constants(
    graph: GraphProto, middle: list[NodeProto], outer: list[NodeProto], fixed: set[str]
) -> None:
    """Halve the constants that the middle uses; one that others use too gets a second form."""
    inside = _inputs(middle) - fixed
    outside = fixed | _inputs(outer)
    for tensor in list(graph.initializer):
        if tensor.name in inside and _is_float32(tensor):
            half = _half(tensor)
            if tensor.name in outside:
                half.name = f"{tensor.name}_fp16"
                _rename(middle, {tensor.name: half.name})
                graph.initializer.append(half)
            else:
                tensor.CopyFrom(half)


def _halve_attributes(middle: list[NodeProto], fixed: set[str]) -> None:
    """Of nodes that make floats: Constant, ConstantOfShape, and Cast to float32."""
    from onnx import TensorProto

    for node in middle:
        if fixed.intersection(node.output):
            continue
        for attribute in node.attribute:
            if node.op_type == "Cast" and attribute.name == "to":
                attribute.i = TensorProto.FLOAT16 if attribute.i == 1 else attribute.i
            elif attribute.HasField("t") and _is_float32(attribute.t):
                attribute.t.CopyFrom(_half(attribute.t))


def _is_float32(tensor: TensorProto) -> bool:
    from onnx import TensorProto

    return bool(tensor.data_type == TensorProto.FLOAT)


def _half(tensor: TensorProto) -> TensorProto:
    from onnx import numpy_helper

    values = numpy_helper.to_array(tensor)
    peak = float(np.abs(values).max(initial=0))
    if not peak <= LARGEST:
        raise ConversionError(
            f"{tensor.name} holds {peak:.3g}, and float16 ends at {LARGEST:.0f}: "
            "keep this network in fp32, or train it with weight decay"
        )
    return numpy_helper.from_array(values.astype(np.float16), tensor.name)
