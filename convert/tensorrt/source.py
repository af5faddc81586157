"""The ONNX graph that an engine is built from, typed as the engine is to compute."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from convert.errors import ConversionError
from convert.precision import to_fp16
from convert.tensorrt.options import Order
from edge.tensorrt.key import Precision
from edge.zoo import Zoo
from edge.zoo.card import Card
from edge.zoo.card_file import check_file, read_card

if TYPE_CHECKING:
    from onnx import ModelProto


def find_source(order: Order) -> tuple[Path, Card]:
    """
    The ONNX file of ``order``, checked against its card; a model of the zoo is fetched.

    Raises:
        UnknownName: no such model.
        ModelError: the file or its card is missing or wrong.
        StorageError: it cannot be read, or the cache cannot be written.
    """
    if order.onnx is None:
        zoo, name = Zoo(order.cache), order.model or ""
        zoo.card(name)  # refuses what does not run here before anything is fetched
        return zoo.path(name), zoo.card(name)
    path = order.onnx.expanduser().resolve()
    mend = "Take the file and its card anew, or write one: python -m convert card FILE"
    card = read_card(path, mend)
    check_file(card, path, mend)
    return path, card


def typed_graph(path: Path, card: Card, precision: Precision) -> bytes:
    """
    The file's graph, with the types in which the engine is to compute.

    TensorRT 11 takes them from the graph alone, so all versions are given them so.

    Raises:
        ConversionError: the graph cannot have this precision.
        StorageError: the file cannot be read.
    """
    if card.runtime != "onnx":
        raise ConversionError(f"{path}: its card says {card.runtime}; wanted an ONNX file")
    if card.recurrent:
        raise ConversionError(f"{path}: a recurrent network; tensorrt: runs those without memory")
    published, model = _read(path)
    if card.precision == precision:
        return published
    if (card.precision, precision) != ("fp32", "fp16"):
        raise ConversionError(
            f"{path} is {card.precision}, and does not become {precision} here. Make it first: "
            f"python -m convert onnx --model {card.id} --precision {precision}"
        )
    made: bytes = to_fp16(model).SerializeToString(deterministic=True)
    return made


def _read(path: Path) -> tuple[bytes, ModelProto]:
    """TensorRT's parser takes any bytes for an empty graph, so it is given none but ONNX."""
    import onnx
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

    published = path.read_bytes()
    try:
        model = onnx.load_from_string(published)
    except DecodeError as error:
        raise ConversionError(f"{path} is no ONNX file: {error}") from error
    if not model.graph.node:
        raise ConversionError(f"{path} is no ONNX file: there is no graph in it")
    return published, model
