"""Running a graph of ours with ONNX Runtime, to watch or to compare it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from convert.errors import ConversionError, MissingExtra
from convert.graph import INPUT, OUTPUT
from edge.frame import Alpha

Picture: TypeAlias = NDArray[np.uint8]  # (1, H, W, 3) RGB, of the graph's input size


class Session:
    """A graph on the CPU, the same results each time."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def run(self, names: Sequence[str], picture: Picture) -> list[NDArray[np.float32]]:
        """
        The tensors ``names``, which must be outputs of the graph.

        Raises:
            ConversionError: the runtime failed.
        """
        try:
            values: list[NDArray[np.float32]] = self._inner.run(list(names), {INPUT: picture})
        except Exception as error:  # noqa: BLE001 - ONNX Runtime's errors share no other base
            raise ConversionError(f"ONNX Runtime cannot run the graph: {error}") from error
        return values

    def alpha(self, picture: Picture) -> Alpha:
        """The matte, (H, W). Raises ConversionError."""
        alpha: Alpha = self.run([OUTPUT], picture)[0][0, 0]
        return alpha


def session(graph: bytes) -> Session:
    """
    Raises:
        ConversionError: ONNX Runtime cannot load the graph.
        MissingExtra: ONNX Runtime is not installed.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise MissingExtra("onnxruntime", "cpu") from error
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        inner = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001 - ONNX Runtime's errors share no other base
        raise ConversionError(f"ONNX Runtime cannot load the graph: {error}") from error
    return Session(inner)
