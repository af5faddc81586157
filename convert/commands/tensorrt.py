"""
ONNX -> TensorRT: an engine for this very machine's GPU, and its card, where the service looks.

Then: ./run.edge.sh --matting tensorrt:ID (or tensorrt:FILE.onnx).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from convert.tensorrt import options
from convert.tensorrt.cancel import Cancelled
from convert.tensorrt.install import build_and_install
from convert.tensorrt.progress import reporter


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    options.configure(parser)


def run(arguments: argparse.Namespace, write: Callable[[str], None]) -> int:
    """
    Build the engine, if it is not here.

    Returns:
        0, or 128 and a signal's number if that cancelled it, with nothing left half-written.

    Raises:
        EdgeError: as ``build_and_install`` does.
    """
    try:
        engine = build_and_install(options.order(arguments), reporter(arguments.progress))
    except Cancelled as cancelled:
        sys.stderr.write(f"{cancelled}\n")
        return cancelled.status
    write(str(engine))
    return 0
