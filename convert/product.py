"""A product on disk: the graph and, written last, the card that says what it is."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from edge.errors import StorageError
from edge.files import write_atomically
from edge.zoo.card import Card, Licence, ModelInput, Origin, Presence
from edge.zoo.card_file import card_path

Precision: TypeAlias = Literal["fp32", "fp16", "int8"]

UNKNOWN = Licence(spdx="NOASSERTION")  # SPDX's word for: nobody said
SALIENCY = {"u2netp", "u2net"}  # as published; whatever was trained here mattes people
# Trained with empty rooms, on which they give nothing at all; people held out of training had a
# certainty of 0.79 or more, and those far away in full-length photos 0.76.
PRESENCE = Presence(enter=0.65, leave=0.55)
LABELS = {
    "portrait": "Portrait (people before a camera, fine)",
    "portrait_fast": "Portrait fast (people before a camera)",
}


@dataclass(frozen=True, slots=True)
class Provenance:
    """Whose weights a product is made of."""

    licence: Licence
    origin: Origin


def names(model: str, given: ModelInput, precision: str) -> tuple[str, str, str]:
    """
    The id of a product, its label, and its file's name without an ending.

    What takes several sizes stands for the model itself, and goes by its name.
    """
    if len(given.sizes) > 1:
        known = LABELS.get(model, model)
        suffix = "" if precision == "fp32" else f"-{precision}"
        return model + suffix, known + suffix.replace("-", " "), f"{model}-{precision}"
    name = f"{model}-{given.height}x{given.width}-{precision}"
    return name, f"{model} {given.height}x{given.width} {precision}", name


def describe(
    model: str, given: ModelInput, precision: Precision, provenance: Provenance, graph: bytes
) -> Card:
    """The card of an ONNX product."""
    id, label, name = names(model, given, precision)
    return Card(
        id=id,
        label=label,
        task="saliency" if model in SALIENCY else "matting",
        runtime="onnx",
        precision=precision,
        input=given,
        file=f"{name}.onnx",
        sha256=hashlib.sha256(graph).hexdigest(),
        size_bytes=len(graph),
        licence=provenance.licence,
        origin=provenance.origin,
        presence=PRESENCE if model in LABELS else None,
    )


def install(card: Card, graph: bytes, folder: Path) -> Path:
    """
    Write the graph, then its card. Each is there whole or not at all.

    A card whose graph was replaced but which was not itself, for the disk was full, says another
    checksum: the file is refused and not run.

    Returns:
        The graph's path.

    Raises:
        StorageError: the folder cannot be written to, or its disk is full.
    """
    path = folder / card.file
    try:
        write_atomically(path, graph)
        write_atomically(card_path(path), card.to_json().encode())
    except OSError as error:
        raise StorageError(
            f"{error.filename or folder}: {error.strerror or error}. "
            f"{len(graph) / 1e6:.1f} MB are wanted: make room, or choose another: --output FOLDER"
        ) from error
    return path
