"""What an ONNX file says of itself: enough for a card, or what it would have to say."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from convert.errors import ConversionError
from edge.errors import StorageError
from edge.fit import Fit, Interpolation
from edge.zoo.card import Card, Licence, ModelInput, Origin
from edge.zoo.card_file import file_sha256

if TYPE_CHECKING:
    from onnx import GraphProto, ValueInfoProto

ADVICE = (
    "Wanted one uint8 input (1, H, W, 3) and one float32 output (1, 1, H, W) in [0, 1], with fixed "
    "sizes: normalisation and sigmoid belong inside the graph, as python -m convert onnx makes it"
)


@dataclass(frozen=True, slots=True)
class Told:
    """What no graph says: see ``edge.zoo.card``. ``label`` may be None."""

    task: Literal["saliency", "matting"]
    label: str | None
    licence: str
    source: str
    fit: Fit
    interpolation: Interpolation


def card_of(path: Path, told: Told) -> Card:
    """
    The card of the graph in ``path``.

    Raises:
        ConversionError: it is no ONNX file, or not one that the service runs.
        StorageError: it cannot be read.
    """
    graph = _graph(path)
    given, wanted = _only(graph, path)
    sizes = _shape(given)
    if len(sizes) != 4 or sizes[0] != 1 or sizes[3] != 3 or _shape(wanted) != (1, 1, *sizes[1:3]):
        raise _refused(path, graph)
    return Card(
        id=path.stem,
        label=told.label or path.stem,
        task=told.task,
        runtime="onnx",
        precision=_precision(graph),
        input=ModelInput(
            name=given.name,
            width=sizes[2],
            height=sizes[1],
            fit=told.fit,
            interpolation=told.interpolation,
        ),
        output=wanted.name,
        file=path.name,
        sha256=file_sha256(path),
        size_bytes=path.stat().st_size,
        licence=Licence(spdx=told.licence),
        origin=Origin(source=told.source, step="convert card"),
    )


def _graph(path: Path) -> GraphProto:
    import onnx
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

    try:
        model = onnx.load_from_string(path.read_bytes())
        onnx.checker.check_model(model)
    except OSError as error:
        raise StorageError(f"{path}: {error.strerror or error}; wanted an ONNX file") from error
    except (DecodeError, ValueError, onnx.checker.ValidationError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise ConversionError(f"{path}: not a valid ONNX file: {reason}") from error
    return model.graph


def _only(graph: GraphProto, path: Path) -> tuple[ValueInfoProto, ValueInfoProto]:
    from onnx import TensorProto

    constants = {tensor.name for tensor in graph.initializer}
    inputs = [value for value in graph.input if value.name not in constants]
    if len(inputs) == len(graph.output) == 1:
        types = [end.type.tensor_type.elem_type for end in (inputs[0], graph.output[0])]
        if types == [TensorProto.UINT8, TensorProto.FLOAT]:
            return inputs[0], graph.output[0]
    raise _refused(path, graph)


def _refused(path: Path, graph: GraphProto) -> ConversionError:
    from onnx import TensorProto

    constants = {tensor.name for tensor in graph.initializer}

    def listed(ends: list[ValueInfoProto]) -> str:
        return ", ".join(
            f"{end.name} {TensorProto.DataType.Name(end.type.tensor_type.elem_type).lower()} "
            f"{_shape(end)}"
            for end in ends
        )

    inputs = [value for value in graph.input if value.name not in constants]
    return ConversionError(
        f"{path}: takes {listed(inputs)} and gives {listed(list(graph.output))}. {ADVICE}"
    )


def _shape(end: ValueInfoProto) -> tuple[int, ...]:
    """Sizes; 0 for one that is left open."""
    return tuple(int(side.dim_value) for side in end.type.tensor_type.shape.dim)


def _precision(graph: GraphProto) -> Literal["fp32", "fp16", "int8"]:
    """By the weights and nodes of the graph."""
    from onnx import TensorProto

    if any(node.op_type == "QuantizeLinear" for node in graph.node):
        return "int8"
    kinds = [tensor.data_type for tensor in graph.initializer if len(tensor.dims) > 1]
    return "fp16" if TensorProto.FLOAT16 in kinds else "fp32"
