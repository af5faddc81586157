"""``python -m train quantise``: int8 by tuning with quantisation in mind."""

from __future__ import annotations

import argparse
from pathlib import Path

from convert.commands.onnx import size
from convert.quantise.scheme import SCHEMES
from edge.zoo import Zoo, default_cache
from edge.zoo.card import ModelInput
from train.errors import ConfigError
from train.quantise.tune import Settings
from train.quantise.work import Order, quantise_and_tune


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add = parser.add_argument
    usual = Settings()
    add("--model", required=True, help="the network, such as portrait_fast")
    add("--weights", type=Path, help="FILE.pth; else the project's own")
    add("--data", type=Path, required=True, help="a labelled data set; the labels are not used")
    add(
        "--size",
        action="append",
        type=size,
        help="HEIGHTxWIDTH of the input (192x320); several times: one graph for all",
    )
    add("--scheme", default="cpu", choices=tuple(SCHEMES), help="whose integers (default: cpu)")
    add("--steps", type=int, default=usual.steps, help=f"of tuning (default: {usual.steps})")
    add("--minutes", type=float, help="tune no longer than that")
    add(
        "--rate",
        type=float,
        default=usual.learning_rate,
        help=f"learning rate (default: {usual.learning_rate:g})",
    )
    add("--batch", type=int, default=8, help="pictures in a step (default: 8)")
    add("--count", type=int, default=48, help="pictures to calibrate on, and to judge by (48)")
    add("--output", type=Path, default=Path("converted"), help="folder for the graph and its card")
    add("--cache", type=Path, default=Path("runs"), help="where pictures are kept ready (runs)")


def run(options: argparse.Namespace) -> str:
    """
    Do it; returns what to tell the user.

    Raises:
        ConfigError: an option is out of range.
    """
    for name, least in (("steps", 1), ("batch", 2), ("count", 4)):
        if getattr(options, name) < least:
            raise ConfigError(f"--{name} {getattr(options, name)}: wanted {least} or more")
    if options.rate <= 0 or (options.minutes is not None and options.minutes <= 0):
        raise ConfigError("--rate and --minutes: wanted more than 0")
    if options.batch % 2:
        raise ConfigError(f"--batch {options.batch}: wanted an even number")
    sizes = tuple(dict.fromkeys(options.size or [(320, 192)]))
    given = ModelInput(
        width=sizes[0][0],
        height=sizes[0][1],
        sizes=sizes if len(sizes) > 1 else (),
        fit="stretch",
        interpolation="linear",
    )
    order = Order(
        model=options.model,
        weights=options.weights,
        given=given,
        scheme=SCHEMES[options.scheme],
        data=options.data,
        output=options.output,
        cache=options.cache,
        settings=Settings(options.steps, options.minutes, options.rate),
        count=options.count,
        batch=options.batch,
    )
    return quantise_and_tune(order, Zoo(default_cache()))
