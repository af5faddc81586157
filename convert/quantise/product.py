"""An int8 graph and its card, which says how it was calibrated and how near it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from convert.errors import ParityError
from convert.graph import serialise
from convert.pictures import Pictures
from convert.product import Provenance, describe
from convert.quantise.scheme import CPU, Scheme
from convert.quantise.search import Quantised, quantise
from edge.parity import fault
from edge.zoo.card import Card, Fidelity, ModelInput
from edge.zoo.card import Quantised as Record

if TYPE_CHECKING:
    from onnx import ModelProto


def to_int8(
    model: str,
    graph: ModelProto,
    given: ModelInput,
    provenance: Provenance,
    pictures: Pictures,
    scheme: Scheme = CPU,
) -> tuple[bytes, Card]:
    """
    Quantise an fp32 graph of ``model``.

    Returns:
        The file's bytes and its card; the id of what only TensorRT runs ends in ``-tensorrt``.

    Raises:
        ParityError: its mattes are further from those of fp32 than int8 may be.
        ConversionError: see ``quantise``.
    """
    made = quantise(graph, pictures.fitted(given), scheme)
    notes = pictures.label, f"held-out ones of {pictures.label}"
    return pack((model, given, provenance), made, notes, scheme)


def pack(
    named: tuple[str, ModelInput, Provenance],
    made: Quantised,
    notes: tuple[str, str],
    scheme: Scheme,
) -> tuple[bytes, Card]:
    """
    The file and card of an int8 graph.

    Args:
        named: the model, its input and whose weights it is made of.
        notes: what it was calibrated on, and what it was judged by.

    Raises:
        ParityError: its mattes are further from those of fp32 than int8 may be.
    """
    model, given, provenance = named
    broken = fault(made.overall, "int8")
    if broken is not None:
        raise ParityError(f"int8 to fp32: {broken.what}", broken.found, broken.limit)
    data = serialise(made.model)
    card = describe(model, given, "int8", provenance, data)
    update: dict[str, object] = {
        "fidelity": _fidelity(made, notes[1]),
        "quantised": Record(calibration=notes[0], scheme=scheme.name, floats=made.floats),
    }
    if scheme is not CPU:
        file = f"{card.file.removesuffix('.onnx')}-{scheme.name}.onnx"
        name, label = f"{card.id}-{scheme.name}", f"{card.label} {scheme.name}"
        update |= {"id": name, "label": label, "file": file}
    return data, Card.model_validate({**dict(card), **update})


def _fidelity(made: Quantised, judged_on: str) -> Fidelity:
    of = made.overall
    return Fidelity(
        data=judged_on,
        pictures=made.judged,
        mean=float(f"{of.mean:.3g}"),
        largest=float(f"{of.largest:.3g}"),
        iou=round(of.iou, 4),
    )
