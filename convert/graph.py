"""What every step does with an ONNX graph: the names of its ends, tidying, checking, bytes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convert.errors import ConversionError
from edge.zoo.wrapping import INPUT, OUTPUT

if TYPE_CHECKING:
    from onnx import ModelProto

__all__ = ["INPUT", "OUTPUT", "check", "serialise", "tidy"]

PRODUCER = "edge-matting convert"


def tidy(model: ModelProto, prefix: str = "") -> None:
    """
    Take out what does not compute, in place, and give nodes names that tell what they are.

    An exporter leaves source paths and line numbers in the file, so it would differ between
    machines. A node with a weight gets the name of its module, such as
    ``stage1.rebnconv1.conv_s1``; others are numbered by kind, such as ``Resize_3``. Shapes are
    inferred anew.

    Args:
        prefix: of the names of weights, to be dropped.

    Raises:
        ConversionError: the graph is not valid.
    """
    from onnx import helper, shape_inference

    graph = model.graph
    for part in (model, graph, *graph.node, *graph.input, *graph.output, *graph.initializer):
        part.doc_string = ""
        del part.metadata_props[:]
    del graph.value_info[:]
    _shorten(model, prefix)
    weights = {tensor.name for tensor in graph.initializer if tensor.name.endswith(".weight")}
    counts: dict[str, int] = {}
    for node in graph.node:
        own = [name for name in node.input if name in weights]
        number = counts[node.op_type] = counts.get(node.op_type, -1) + 1
        node.name = own[0].removesuffix(".weight") if own else f"{node.op_type}_{number}"
    graph.name = "matte"
    model.producer_name, model.producer_version = PRODUCER, ""
    model.ir_version = helper.find_min_ir_version_for(list(model.opset_import))
    check(model)
    model.CopyFrom(shape_inference.infer_shapes(model, strict_mode=True, data_prop=True))


def check(model: ModelProto) -> None:
    """Raise ConversionError unless the graph is valid ONNX, its shapes and types included."""
    import onnx

    try:
        onnx.checker.check_model(model, full_check=True)
    except (onnx.checker.ValidationError, onnx.shape_inference.InferenceError) as error:
        raise ConversionError(f"the graph made is not valid ONNX: {error}") from error


def serialise(model: ModelProto) -> bytes:
    """The file's bytes: the same for the same graph."""
    made: bytes = model.SerializeToString(deterministic=True)
    return made


def _shorten(model: ModelProto, prefix: str) -> None:
    """Drop ``prefix`` from the names of constants."""
    short = {
        tensor.name: tensor.name.removeprefix(prefix)
        for tensor in model.graph.initializer
        if tensor.name.startswith(prefix)
    }
    for tensor in model.graph.initializer:
        tensor.name = short.get(tensor.name, tensor.name)
    for node in model.graph.node:
        node.input[:] = [short.get(name, name) for name in node.input]
