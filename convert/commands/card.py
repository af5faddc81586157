"""A card for an ONNX file that you bring, by looking at its graph; or what was measured of it."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

TASKS = ("saliency", "matting")


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add = parser.add_argument
    add("file", type=Path, help="FILE.onnx: (1, H, W, 3) uint8 RGB to alpha (1, 1, H, W)")
    add("--task", choices=TASKS, default="matting", help="%(default)s: people, with soft edges")
    add("--label", help="for people; the file's name unless given")
    add("--licence", default="NOASSERTION", help="an SPDX id, such as MIT (%(default)s)")
    add("--source", default="given by its user", help="whose work it is and where it is published")
    add("--fit", default="stretch", choices=("stretch", "letterbox"), help="of a frame: stretch")
    add(
        "--interpolation",
        default="linear",
        choices=("nearest", "linear", "area", "cubic"),
        help="that resizes a frame to the input: linear",
    )
    add(
        "--quality",
        type=Path,
        metavar="JSON",
        help="what python -m bench quality --json printed of FILE: onto the card that is there",
    )


def run(arguments: argparse.Namespace, write: Callable[[str], None]) -> int:
    """
    Write the card beside the file; one that is there is replaced, or with --quality completed.

    Raises:
        ConversionError: the graph is not one that the service runs; says what it takes.
        InputError: the report is none, or one of another model.
        StorageError: the file cannot be read, or the card not written.
    """
    from convert.inspection import Told, card_of
    from convert.report import store
    from edge.zoo.card_file import card_path, check_file, read_card

    if arguments.quality is not None:
        from convert.measured import measured

        card = read_card(arguments.file, "Write one first: without --quality")
        check_file(card, arguments.file, "Write its card anew: without --quality")
        card = measured(arguments.quality, card)
        write(str(store(card_path(arguments.file), card.to_json().encode())))
        return 0

    told = Told(
        task=arguments.task,
        label=arguments.label,
        licence=arguments.licence,
        source=arguments.source,
        fit=arguments.fit,
        interpolation=arguments.interpolation,
    )
    card = card_of(arguments.file, told)
    path = store(card_path(arguments.file), card.to_json().encode())
    width, height = card.input.size
    write(f"{path}: {card.precision}, {height}x{width}")
    write(f"run it: python -m edge --matting onnx:{arguments.file.resolve()}")
    return 0
