"""
Mattes of PyTorch, ONNX, OpenVINO and TensorRT against one reference, on the same pictures.

SPEC is as edge --matting takes it (onnx:u2netp, openvino:converted/u2netp-320x320-int8.xml,
tensorrt:u2netp), or torch:MODEL, or torch:MODEL?weights=FILE. A SPEC over its precision's limit
makes the command fail, after all were measured.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from edge.zoo import Zoo, default_cache


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add = parser.add_argument
    add("specs", nargs="*", metavar="SPEC", help="what is compared")
    add("--model", help="the reference is torch:MODEL, and onnx:MODEL is compared too")
    add("--reference", metavar="SPEC", help="what it is compared with; of --model unless given")
    add("--data", type=Path, help="a folder of pictures; the drawn presenter unless given")
    add("--count", type=int, default=40, help="pictures at most (%(default)s)")
    add("--output", type=Path, help="folder for parity.md, parity.json and the worst cases")
    add("--cache-dir", type=Path, default=None, help="where models are kept")
    add("--models-dir", type=Path, default=None, help="where published files are looked for first")


def run(arguments: argparse.Namespace, write: Callable[[str], None]) -> int:
    """
    Compare, show a line for each, and write the report.

    Raises:
        ParityError: one is over its limit; the first of them.
        EdgeError: one cannot be loaded or run.
    """
    # Here, not above: they need more packages, and --help does not.
    from convert import pictures, report, runners
    from convert.parity import compare
    from edge.errors import InputError

    specs = list(arguments.specs)
    reference = arguments.reference
    if arguments.model:
        reference = reference or f"torch:{arguments.model}"
        specs = [f"onnx:{arguments.model}", *specs]
    if not reference or not specs:
        raise InputError("parity: wanted --model MODEL, or --reference SPEC and a SPEC")
    zoo = Zoo(arguments.cache_dir or default_cache(), arguments.models_dir)
    chosen = pictures.load(arguments.data, arguments.count)
    against = runners.load(reference, zoo)
    found = []
    write(f"{chosen.label}, against {reference}")
    for one in compare(against, [runners.load(spec, zoo) for spec in specs], chosen):
        found.append(one)
        write("  ".join(report.row(one)))
    if arguments.output is not None:
        records = [report.record(one) for one in found]
        data = {"reference": reference, "pictures": chosen.label, "compared": records}
        text = report.parity_markdown(reference, chosen.label, found)
        write(str(report.write(arguments.output, "parity", text, data)))
        for one in found:
            path = arguments.output / f"worst-{report.file_name(one.spec)}.png"
            write(str(report.write_picture(path, one.worst.drawn())))
    for one in found:
        one.require()
    return 0
