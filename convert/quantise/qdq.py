"""The Q/DQ nodes themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from convert.graph import check
from convert.quantise.plan import name_of
from convert.quantise.rounding import Floats, Steps, Weights
from convert.quantise.scheme import Scheme

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, TensorProto


@dataclass(frozen=True, slots=True)
class Convolution:
    """One convolution in integers: its weight, and its bias, which stays float."""

    weights: Weights
    bias: Floats


def insert(
    model: ModelProto,
    scheme: Scheme,
    tensors: Mapping[str, Steps],
    convolutions: Mapping[str, Convolution],
) -> ModelProto:
    """
    A copy of ``model`` with Q/DQ behind ``tensors`` and DQ before the weights of ``convolutions``.

    Convolutions that stay float read what was there before Q/DQ.

    Raises:
        ConversionError: the graph made is not valid.
    """
    from onnx import ModelProto

    made = ModelProto()
    made.CopyFrom(model)
    graph = made.graph
    nodes = list(graph.node)
    del graph.node[:], graph.value_info[:]
    for node in nodes:
        integers = convolutions.get(name_of(node))
        if integers is not None:
            _quantise_weight(made, node, integers)
        if node.op_type != "Conv" or integers is not None:
            node.input[:] = [f"{name}_dq" if name in tensors else name for name in node.input]
        graph.node.append(node)
        for name in node.output:
            if name in tensors:
                _add_pair(made, name, tensors[name], scheme)
    used = {name for node in graph.node for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    check(made)
    return made


def _quantise_weight(model: ModelProto, node: NodeProto, integers: Convolution) -> None:
    from onnx import helper

    name = node.input[1]
    weights = integers.weights
    ends = [f"{name}_q", f"{name}_scale", f"{name}_zero"]
    zeros = np.zeros(len(weights.scales), np.int8)
    bias = f"{name}_bias"
    model.graph.initializer.extend(
        [
            _constant(ends[0], weights.values),
            _constant(ends[1], weights.scales),
            _constant(ends[2], zeros),
            _constant(bias, integers.bias),
        ]
    )
    model.graph.node.append(
        helper.make_node("DequantizeLinear", ends, [f"{name}_dq"], name=f"{name}_DQ", axis=0)
    )
    node.input[:] = [node.input[0], f"{name}_dq", bias]


def _add_pair(model: ModelProto, name: str, steps: Steps, scheme: Scheme) -> None:
    from onnx import helper

    scale, zero = f"{name}_scale", f"{name}_zero"
    model.graph.initializer.extend(
        [
            _constant(scale, np.asarray(steps.scale, np.float32)),
            _constant(zero, np.asarray(steps.zero_point, scheme.dtype)),
        ]
    )
    kinds = (("QuantizeLinear", name, f"{name}_q"), ("DequantizeLinear", f"{name}_q", f"{name}_dq"))
    for kind, source, target in kinds:
        model.graph.node.append(
            helper.make_node(kind, [source, scale, zero], [target], name=f"{target}_{kind[0]}")
        )


def _constant(name: str, values: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> TensorProto:
    from onnx import numpy_helper

    return numpy_helper.from_array(values, name)
