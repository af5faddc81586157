"""The command line of ``python -m convert tensorrt``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

from convert.tensorrt.progress import Report, reporter
from edge.tensorrt.key import Precision
from edge.tensorrt.library import MODULES
from edge.zoo import default_cache

LARGEST_LEVEL = 5


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
    library: Literal["", "tensorrt", "tensorrt_rtx"] = ""
    rebuild: bool = False


def parse(arguments: Sequence[str]) -> tuple[Order, Report]:
    """
    Read the command line; a mistake in it, or ``--help``, ends the process as argparse does.
    """
    found = _parser().parse_args(arguments)
    tuning = Tuning(found.workspace, found.level, found.dla)
    order = Order(
        model=found.model,
        onnx=found.onnx,
        cache=found.cache_dir,
        precision=found.precision,
        tuning=tuning,
        library=found.library,
        rebuild=found.rebuild,
    )
    return order, reporter(cast(Literal["bar", "json", "none"], found.progress))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m convert tensorrt",
        description="Build a TensorRT engine for this machine's GPU.",
        epilog="Then: ./run.edge.sh --matting tensorrt:ID (or tensorrt:FILE.onnx)",
    )
    add = parser.add_argument
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--model", metavar="ID", help="of the zoo, such as u2netp")
    source.add_argument("--onnx", type=Path, metavar="FILE", help="with its card beside it")
    add("--precision", choices=("fp32", "fp16", "int8"), help="default: fp16; int8 if FILE is")
    add("--workspace", type=_positive, metavar="MiB", help="memory a layer may use as it runs")
    add("--level", type=int, choices=range(LARGEST_LEVEL + 1), help="5: slow build, fast engine")
    add("--dla", type=int, metavar="CORE", help="use this deep learning accelerator (Orin)")
    add("--cache-dir", type=Path, default=default_cache(), metavar="FOLDER")
    add("--library", choices=list(MODULES), default="", help="default: the first installed")
    add("--progress", choices=("bar", "json", "none"), default="bar")
    add("--rebuild", action="store_true", help="even if the engine is there")
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r}: wanted a number of MiB")
    return int(text)
