"""PyTorch weights -> an ONNX graph with everything inside, and its card."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from edge.zoo import Zoo, default_cache
from edge.zoo.card import Card, ModelInput

if TYPE_CHECKING:
    from onnx import ModelProto

    from convert.product import Provenance

PRECISIONS = ("fp32", "fp16", "int8")
DEFAULT = (320, 320)  # (width, height)
TRIED = 6  # pictures that a graph of several sizes is compared on, at each


def configure(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--model",
        required=True,
        help="u2netp, u2net, portrait, portrait_fast, deeplabv3plus or rmbg",
    )
    add(
        "--size",
        action="append",
        type=size,
        help="HEIGHTxWIDTH of the input, such as 192x320 for 16:9 (320x320). Given several times: "
        "one graph for all, tried at each; frames take the one nearest in aspect",
    )
    add("--precision", default="fp32", choices=PRECISIONS)
    add("--opset", type=int, help="of ONNX; what is read by most runtimes unless given")
    add("--weights", type=Path, help="FILE.pth or .onnx; else the project's own or the published")
    add("--output", type=Path, default=Path("converted"), help="folder for the graph and its card")
    add("--fit", default="stretch", choices=("stretch", "letterbox"), help="of a frame: stretch")
    add(
        "--interpolation",
        default="linear",
        choices=("nearest", "linear", "area", "cubic"),
        help="that resizes a frame to the input: linear",
    )
    add("--dynamic", action="store_true", help="leave the size open, even if there is but one")
    add("--data", type=Path, help="a folder of real pictures: int8 is calibrated on them")
    add("--count", type=int, default=48, help="for int8: pictures at most (%(default)s)")
    add(
        "--scheme",
        default="cpu",
        choices=("cpu", "tensorrt"),
        help="for int8: cpu for ONNX Runtime and OpenVINO (%(default)s)",
    )
    add("--cache-dir", type=Path, default=None, help="where published weights are kept")
    add("--models-dir", type=Path, default=None, help="where published files are looked for first")


def run(arguments: argparse.Namespace, write: Callable[[str], None]) -> int:
    """
    Make the graph and its card, and say where they are.

    Raises:
        EdgeError: see ``convert.export``, ``convert.weights`` and ``convert.origins``.
    """
    # Here, not above: they need torch, and --help does not.
    from convert import origins, weights
    from convert.export import OPSET, export
    from convert.graph import serialise
    from convert.networks import make
    from convert.precision import to_fp16
    from convert.product import describe, install

    network = make(arguments.model)
    given = _input(arguments)
    for width, height in given.choices:
        network.check_size(width, height)  # before anything is fetched
    zoo = Zoo(arguments.cache_dir or default_cache(), arguments.models_dir)
    found = origins.find(arguments.model, arguments.weights, zoo)
    write(f"weights: {found.path}")
    weights.load(network, found.path)
    opset = OPSET if arguments.opset is None else arguments.opset
    graph = export(network, given.size, opset=opset, dynamic=bool(given.sizes))
    if arguments.precision == "fp16":
        graph = to_fp16(graph)
    if arguments.precision == "int8":
        made, card = _int8(arguments, graph, given, found.provenance, write)
    else:
        made = serialise(graph)
        card = describe(arguments.model, given, arguments.precision, found.provenance, made)
    if given.sizes:
        path = _tried(arguments, (made, card), found.path, write)
    else:
        path = install(card, made, arguments.output)
    write(f"{path}: {len(made) / 1e6:.1f} MB, sha256 {card.sha256}")
    write(f"run it: python -m edge --matting onnx:{path}")
    return 0


def _input(arguments: argparse.Namespace) -> ModelInput:
    """As it stands on the card: the first size is the main one."""
    sizes = tuple(dict.fromkeys(arguments.size or [DEFAULT]))
    width, height = sizes[0]
    return ModelInput(
        width=width,
        height=height,
        sizes=sizes if len(sizes) > 1 or arguments.dynamic else (),
        fit=arguments.fit,
        interpolation=arguments.interpolation,
    )


def _tried(
    arguments: argparse.Namespace,
    made: tuple[bytes, Card],
    weights: Path,
    write: Callable[[str], None],
) -> Path:
    from convert import pictures
    from convert.sizes import install_tried

    chosen = pictures.load(arguments.data, TRIED)
    network = arguments.model, weights
    return install_tried(made, network, chosen, arguments.output, write)


def _int8(
    arguments: argparse.Namespace,
    graph: ModelProto,
    given: ModelInput,
    provenance: Provenance,
    write: Callable[[str], None],
) -> tuple[bytes, Card]:
    from convert import pictures
    from convert.quantise import SCHEMES
    from convert.quantise.product import to_int8

    if arguments.data is None:
        write("calibrating on drawn pictures: real ones are better: --data FOLDER")
    chosen = pictures.load(arguments.data, arguments.count)
    write(f"calibrating on {chosen.label}")
    scheme = SCHEMES[arguments.scheme]
    return to_int8(arguments.model, graph, given, provenance, chosen, scheme)


def size(text: str) -> tuple[int, int]:
    """HEIGHTxWIDTH to (width, height)."""
    found = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r}: wanted HEIGHTxWIDTH, such as 192x320")
    return int(found[2]), int(found[1])
