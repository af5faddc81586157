"""Which file a ``--matting`` spec runs, and by which runtime."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edge import plugins
from edge.errors import InputError
from edge.matting._openvino import Options, parse_options
from edge.zoo import Zoo
from edge.zoo.card import Card
from edge.zoo.card_file import read_card

PRECISIONS = {"int8": "i8", "bf16": "bf16"}  # as the peaks call them; whatever else runs in f32


@dataclass(frozen=True, slots=True)
class Located:
    """
    Attributes:
        runtime: "onnx" or "openvino".
        precision: "f32", "bf16" or "i8": in which most of it is computed.
        options: OpenVINO's.
    """

    runtime: str
    path: Path
    card: Card
    precision: str
    options: Options


def locate(spec: str, zoo: Zoo) -> Located:
    """
    Find the file; what ``auto:`` picked counts as asked for.

    Raises:
        InputError: a kind that does not tell of its layers.
        EdgeError: no such model, or it cannot be had.
    """
    scheme, _, argument = spec.partition(":")
    if scheme == "auto":
        return locate(str(plugins.make("edge.matting", spec, zoo=zoo).spec), zoo)
    if scheme not in ("onnx", "openvino"):
        raise InputError(f"{spec}: layers are told by onnx: and openvino:")
    name, _, query = argument.partition("?")
    if "/" in name or name.endswith((".onnx", ".xml")):
        path = Path(name).expanduser()
        card = read_card(path, "Take the file and its card anew")
    else:
        path, card = zoo.path(name), zoo.card(name)
    options = parse_options(argument, query) if scheme == "openvino" else Options()
    precision = PRECISIONS.get(card.precision, "f32")
    if precision == "f32" and options.precision == "bf16":
        precision = "bf16"
    return Located(scheme, path, card, precision, options)
