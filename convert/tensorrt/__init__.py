"""
ONNX -> TensorRT: an engine for the GPU of this very machine, and its card.

``python -m convert tensorrt --model u2netp`` builds into the cache, where ``edge --matting
tensorrt:u2netp`` finds it; ``--help`` tells the rest.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from convert.tensorrt.cancel import Cancelled
from convert.tensorrt.install import build_and_install
from convert.tensorrt.options import parse
from edge.errors import EdgeError

__all__ = ["run"]


def run(arguments: Sequence[str]) -> int:
    """
    What ``python -m convert tensorrt`` does.

    Returns:
        The exit status: 0; 1 after an error, which is told; 128 and the signal's number when it
        was cancelled, with nothing left half-written.
    """
    try:
        order, report = parse(arguments)
        path = build_and_install(order, report)
    except Cancelled as cancelled:
        sys.stderr.write(f"{cancelled}\n")
        return cancelled.status
    except EdgeError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stderr.write(f"{path}\n")
    return 0
