"""The weights of the convolutions in an ONNX file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from convert.errors import WeightsError

if TYPE_CHECKING:
    from onnx import GraphProto, NodeProto

Floats: TypeAlias = NDArray[np.float32]


def convolutions(path: Path) -> list[tuple[Floats, Floats]]:
    """
    Weight (out, in / groups, h, w) and bias (out,) of each Conv node, in graph order.

    Args:
        path: a graph in fp32 or fp16; batch norms must be folded.

    Raises:
        WeightsError: no ONNX file, or one whose weights are quantised or not constant.
        OSError: it cannot be read.
    """
    import onnx
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

    content = path.read_bytes()
    try:
        graph = onnx.load_from_string(content).graph
    except DecodeError as error:
        raise WeightsError(f"{path}: damaged or no ONNX file: {error}") from error
    if any(node.op_type == "BatchNormalization" for node in graph.node):
        raise WeightsError(f"{path}: its batch norms are not folded; wanted a graph where they are")
    nodes = [node for node in graph.node if node.op_type == "Conv"]
    if not nodes:
        raise WeightsError(f"{path}: a graph without convolutions, or no ONNX file")
    constants = _constants(graph)
    return [_pair(node, constants, path) for node in nodes]


def _constants(graph: GraphProto) -> dict[str, NDArray[np.generic]]:
    from onnx import numpy_helper

    found = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant":
            for attribute in node.attribute:
                if attribute.name == "value":
                    found[node.output[0]] = numpy_helper.to_array(attribute.t)
    return found


def _pair(
    node: NodeProto, constants: dict[str, NDArray[np.generic]], path: Path
) -> tuple[Floats, Floats]:
    values = [constants.get(name) for name in node.input[1:] if name]
    if not values or any(value is None or value.dtype.kind != "f" for value in values):
        raise WeightsError(
            f"{path}: the weights of {node.name or node.output[0]} are quantised or computed; "
            "take the fp32 or fp16 file it was made from"
        )
    weight, *bias = (np.array(value, np.float32) for value in values)
    return weight, bias[0] if bias else np.zeros(len(weight), np.float32)
