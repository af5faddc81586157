"""ONNX -> OpenVINO IR: a graph and weights that load at once, tried before they are installed."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from edge.zoo import Zoo, default_cache


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add = parser.add_argument
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--onnx", type=Path, help="FILE.onnx with its card beside it")
    source.add_argument("--model", help="one of python -m edge models")
    add("--precision", choices=("fp32", "bf16", "int8"), help="the graph's own, or bf16 of fp32")
    add("--device", default="CPU", help="on which it is tried: CPU, GPU, NPU or AUTO (%(default)s)")
    add("--data", type=Path, help="a folder of pictures to try it on; the drawn presenter if none")
    add("--count", type=int, default=12, help="pictures at most (%(default)s)")
    add("--output", type=Path, default=Path("converted"), help="folder for the IR and its card")
    add("--cache-dir", type=Path, default=None, help="where published models are kept")
    add("--models-dir", type=Path, default=None, help="where published files are looked for first")


def run(arguments: argparse.Namespace, write: Callable[[str], None]) -> int:
    """
    Make the IR, compare it with its ONNX graph, and install it if it passes.

    Raises:
        ParityError: its mattes are too far off; nothing was installed.
        EdgeError: see ``convert.openvino`` and ``edge.matting.openvino``.
    """
    # Here, not above: they need more packages, and --help does not.
    from convert import pictures, runners
    from convert.openvino import resolve, to_ir
    from convert.report import row
    from convert.staging import promote, staged, tried
    from edge.zoo.card_file import check_file, read_card

    zoo = Zoo(arguments.cache_dir or default_cache(), arguments.models_dir)
    if arguments.model:
        zoo.card(arguments.model)
        path = zoo.path(arguments.model)
        reference = f"onnx:{arguments.model}"
    else:
        path = arguments.onnx.expanduser().resolve()
        reference = f"onnx:{path}"
    mend = "Take the file and its card anew, or write one: python -m convert card FILE"
    card = read_card(path, mend)
    check_file(card, path, mend)
    precision = resolve(card, arguments.precision)
    chosen = pictures.load(arguments.data, arguments.count)
    with staged(arguments.output) as folder:
        made = to_ir(path, card, precision, folder)
        spec = f"openvino:{made}?device={arguments.device}"
        found = tried(spec, runners.load(reference, zoo), chosen, zoo)
        write("  ".join(row(found)[1:]))
        installed = promote(made, arguments.output, found, chosen)
    write(f"run it: python -m edge --matting 'openvino:{installed}?device={arguments.device}'")
    return 0
