"""ONNX -> OpenVINO IR, which loads without being translated: a graph (.xml) and weights (.bin)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, TypeAlias

from convert.errors import ConversionError, MissingExtra
from edge.errors import StorageError
from edge.zoo.card import Card, Companion, Origin
from edge.zoo.card_file import card_path, file_sha256

IrPrecision: TypeAlias = Literal["fp32", "bf16", "int8"]


def resolve(card: Card, asked: str | None) -> str:
    """
    The precision that an IR of this graph gets: its own, or bf16 of fp32.

    Raises:
        ConversionError: the graph has no such form.
    """
    if card.runtime != "onnx" or card.recurrent:
        raise ConversionError(f"{card.file}: an IR is made of an ONNX graph without memory")
    if card.quantised is not None and card.quantised.scheme != "cpu":
        raise ConversionError(
            f"{card.file} is quantised for {card.quantised.scheme}, which OpenVINO runs wrongly; "
            "make it anew: python -m convert onnx --precision int8 --scheme cpu"
        )
    if asked is None or asked == card.precision:
        return card.precision
    if (card.precision, asked) == ("fp32", "bf16"):
        return asked
    raise ConversionError(
        f"{card.file} is {card.precision}, and does not become {asked} here. Make it first: "
        f"python -m convert onnx --precision {asked}"
    )


def to_ir(source: Path, card: Card, precision: str, folder: Path) -> Path:
    """
    Write the IR of ``source`` and its card into ``folder``.

    Its precision is on the card; weights stay as they are. bf16 is how the CPU computes then.

    Returns:
        The path of the .xml.

    Raises:
        ConversionError: OpenVINO cannot read the graph.
        StorageError: the folder cannot be written to.
        MissingExtra: OpenVINO is not installed.
    """
    try:
        import openvino
    except ImportError as error:
        raise MissingExtra("openvino", "openvino") from error
    try:
        model = openvino.Core().read_model(str(source))
    except RuntimeError as error:
        last = str(error).strip().splitlines()[-1]
        raise ConversionError(f"{source}: OpenVINO cannot read it: {last.strip()}") from error
    # The ending keeps it from the graph it is made of: each file has a card of its own name.
    name = f"{card.id.removesuffix(f'-{card.precision}')}-{precision}-openvino"
    path = folder / f"{name}.xml"
    try:
        openvino.save_model(model, str(path), compress_to_fp16=False)
    except RuntimeError as error:
        raise StorageError(f"{path}: cannot be written: {error}") from error
    weights = path.with_suffix(".bin")
    made = _card(card, precision, path, weights, str(openvino.__version__))
    card_path(path).write_text(made.to_json())
    return path


def _card(card: Card, precision: str, path: Path, weights: Path, version: str) -> Card:
    origin = Origin(
        source=card.origin.source,
        sha256=card.origin.sha256,
        step=f"convert openvino {version}, of {card.file} {(card.sha256 or '')[:12]}",
    )
    changes: dict[str, Any] = {
        "id": path.stem,
        "label": f"{card.label} OpenVINO {precision}",
        "runtime": "openvino",
        "precision": precision,
        "file": path.name,
        "sha256": file_sha256(path),
        "size_bytes": path.stat().st_size,
        "companion": Companion(
            file=weights.name, sha256=file_sha256(weights), size_bytes=weights.stat().st_size
        ),
        "origin": origin,
        "quality": (),  # that of the ONNX file is not its own
        "fidelity": None,
    }
    return Card.model_validate({**dict(card), **changes})
