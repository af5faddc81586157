"""What ``python -m convert tensorrt`` may be told."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from convert.tensorrt.progress import Style
from edge.tensorrt.key import Precision
from edge.tensorrt.library import MODULES
from edge.zoo import default_cache

LEVELS = range(6)


@dataclass(frozen=True, slots=True)
class Tuning:
    """
    How TensorRT is to search.

    Attributes:
        workspace_mib: memory that a layer may use while it runs; TensorRT's own limit if None.
        level: 0 (quick build) to 5 (fast engine); TensorRT's own if None.
        dla_core: of the deep learning accelerator, or None for the GPU alone.
    """

    workspace_mib: int | None = None
    level: int | None = None
    dla_core: int | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """
    What is to be built.

    Attributes:
        model: an id of the zoo; or None, and ``onnx`` is a file with its card.
        precision: None for fp16, or int8 where the file is that.
        library: the module of TensorRT; the first that is installed if empty.
        rebuild: even if the engine is there.
    """

    model: str | None
    onnx: Path | None
    cache: Path
    precision: Precision | None = None
    tuning: Tuning = Tuning()
    library: str = ""
    rebuild: bool = False


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add = parser.add_argument
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--model", metavar="ID", help="of the zoo, such as u2netp")
    source.add_argument("--onnx", type=Path, metavar="FILE", help="with its card beside it")
    add("--precision", choices=get_args(Precision), help="default: fp16; int8 if FILE is")
    add("--workspace", type=_positive, metavar="MiB", help="memory a layer may use as it runs")
    add("--level", type=int, choices=LEVELS, help="5: slow build, fast engine")
    add("--dla", type=int, metavar="CORE", help="use this deep learning accelerator (Orin)")
    add("--cache-dir", type=Path, default=default_cache(), metavar="FOLDER")
    add("--library", choices=list(MODULES), default="", help="default: the first installed")
    add("--progress", choices=get_args(Style), default="bar")
    add("--rebuild", action="store_true", help="even if the engine is there")


def order(found: argparse.Namespace) -> Order:
    """What the parsed arguments ask for."""
    return Order(
        model=found.model,
        onnx=found.onnx,
        cache=found.cache_dir.expanduser(),
        precision=found.precision,
        tuning=Tuning(found.workspace, found.level, found.dla),
        library=found.library,
        rebuild=found.rebuild,
    )


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r}: wanted a number of MiB")
    return int(text)
