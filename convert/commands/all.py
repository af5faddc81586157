"""From weights to the best product that this machine can make, and a report."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from convert.commands.onnx import size
from edge.zoo import Zoo, default_cache


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add = parser.add_argument
    add(
        "--model",
        required=True,
        help="u2netp, u2net, portrait, portrait_fast, deeplabv3plus or rmbg",
    )
    add("--size", default="320x320", type=size, help="HEIGHTxWIDTH of the input (%(default)s)")
    add("--weights", type=Path, help="FILE.pth or .onnx; else the project's own or the published")
    add("--data", type=Path, help="a folder of real pictures for int8; drawn ones if none is given")
    add("--count", type=int, default=48, help="pictures for int8 at most (%(default)s)")
    add("--parity-data", type=Path, help="a folder of other pictures, to judge the products on")
    add("--parity-count", type=int, default=12, help="pictures for parity at most (%(default)s)")
    add("--output", type=Path, help="folder for the products; the cache, where auto: finds them")
    add("--cache-dir", type=Path, default=None, help="where published weights are kept")
    add("--models-dir", type=Path, default=None, help="where published files are looked for first")


def run(arguments: argparse.Namespace, write: Callable[[str], None]) -> int:
    """
    Make all, and write the report beside it.

    Raises:
        EdgeError: see ``convert.all``.
    """
    # Here, not above: they need torch, and --help does not.
    from convert import all as whole
    from convert import pictures, report
    from convert.steps import Order
    from edge.matting._pick import converted

    zoo = Zoo(arguments.cache_dir or default_cache(), arguments.models_dir)
    if arguments.data is None:
        write("int8 is calibrated on drawn pictures: real ones are better: --data FOLDER")
    order = Order(
        model=arguments.model,
        size=arguments.size,
        weights=arguments.weights,
        calibrating=pictures.load(arguments.data, arguments.count),
        judging=pictures.load(arguments.parity_data, arguments.parity_count),
        output=(arguments.output or converted(zoo.cache)).expanduser().resolve(),
        zoo=zoo,
    )
    outcome = whole.make_all(order, write)
    name = f"report-{arguments.model}"
    text, data = whole.markdown(order, outcome), whole.data(order, outcome)
    write(f"report: {report.write(order.output, name, text, data)}")
    write(f"best: python -m edge --matting '{outcome.best}'")
    return 0
