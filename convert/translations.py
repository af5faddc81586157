"""Operations that torch would write in a newer opset than the runtimes here need."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

PLANE = ({2, 3}, {-2, -1})  # the picture's two dimensions of four


def translations() -> dict[Callable[..., Any], Callable[..., Any]]:
    """
    For ``torch.onnx.export``: what to write for an operation of torch's.

    Raises:
        ImportError: onnxscript is not installed.
    """
    from onnxscript import opset18 as op

    def mean(x: Any, dim: Sequence[int], keepdim: bool = False, dtype: int | None = None) -> Any:
        # ReduceMean takes its axes as an input since opset 18, and no tool writes them back.
        if keepdim and dtype is None and set(dim) in PLANE and len(x.shape) == 4:
            return op.GlobalAveragePool(x)
        axes: Any = op.Constant(value_ints=list(dim))
        return op.ReduceMean(x, axes, keepdims=int(keepdim))

    return {torch.ops.aten.mean.dim: mean}
