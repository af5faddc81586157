"""ONNX graphs that suit a processor best: its runtimes reach on them what they can reach at all."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

CHANNELS, SIDE, LAYERS = 128, 64, 4
ORDER = 1024


def convolutions(integers: bool) -> tuple[bytes, int, Any]:
    """
    3x3 convolutions, one behind the other, with ReLUs.

    Args:
        integers: in int8 (quantise and dequantise around each layer), else in float32.

    Returns:
        The ONNX file, its multiply-accumulates, and what to feed as "x".
    """
    random = np.random.default_rng(0)
    graph = _Graph(integers)
    value = "x"
    for index in range(LAYERS):
        weights = _weights(random, (CHANNELS, CHANNELS, 3, 3), 9 * CHANNELS)
        value = graph.layer("Conv", value, weights, f"{index}", pads=[1, 1, 1, 1])
    shape = (1, CHANNELS, SIDE, SIDE)
    feed = np.abs(random.standard_normal(shape)).astype(np.float32)
    return graph.bytes(value, shape), LAYERS * 9 * CHANNELS**2 * SIDE**2, feed


def products(integers: bool) -> tuple[bytes, int, Any]:
    """Products of square matrices, one behind the other. See ``convolutions``."""
    random = np.random.default_rng(0)
    graph = _Graph(integers)
    value = "x"
    for index in range(2):
        weights = _weights(random, (ORDER, ORDER), ORDER)
        value = graph.layer("MatMul", value, weights, f"{index}")
    feed = np.abs(random.standard_normal((ORDER, ORDER))).astype(np.float32)
    return graph.bytes(value, (ORDER, ORDER)), 2 * ORDER**3, feed


def _weights(random: np.random.Generator, shape: tuple[int, ...], inputs: int) -> Any:
    """Such that a ReLU's outputs are as large as its inputs (He et al., ICCV 2015)."""
    return random.standard_normal(shape) * np.sqrt(2 / inputs)


class _Graph:
    """A chain of layers, each with a ReLU; with integers, quantised before and behind each."""

    def __init__(self, integers: bool) -> None:
        self._integers = integers
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def layer(self, kind: str, value: str, weights: Any, name: str, **options: Any) -> str:
        if self._integers:
            value = self._quantised(value, f"{name}.x")
            step = float(np.abs(weights).max()) / 127
            levels = self._constant(np.round(weights / step).astype(np.int8), f"{name}.w")
            kept = self._whole(levels, f"{name}.w", step, np.int8)
        else:
            kept = self._constant(weights.astype(np.float32), f"{name}.w")
        self._add(kind, [value, kept], f"{name}.y", **options)
        return self._add("Relu", [f"{name}.y"], f"{name}.z")

    def bytes(self, value: str, shape: tuple[int, ...]) -> bytes:
        given, made = (
            [helper.make_tensor_value_info(end, TensorProto.FLOAT, shape)] for end in ("x", value)
        )
        graph = helper.make_graph(self._nodes, "peak", given, made, self._constants)
        opset = [helper.make_opsetid("", 17)]
        model = helper.make_model(graph, opset_imports=opset, ir_version=9)
        onnx.checker.check_model(model)
        return bytes(model.SerializeToString())

    def _quantised(self, value: str, name: str) -> str:
        scale, zero = self._scale(name, 0.02, np.uint8)
        levels = self._add("QuantizeLinear", [value, scale, zero], f"{name}.levels")
        return self._add("DequantizeLinear", [levels, scale, zero], f"{name}.floats")

    def _whole(self, levels: str, name: str, step: float, kind: Any) -> str:
        scale, zero = self._scale(name, step, kind)
        return self._add("DequantizeLinear", [levels, scale, zero], f"{name}.floats")

    def _scale(self, name: str, step: float, kind: Any) -> tuple[str, str]:
        return (
            self._constant(np.asarray(step, np.float32), f"{name}.scale"),
            self._constant(np.zeros((), kind), f"{name}.zero"),
        )

    def _constant(self, value: Any, name: str) -> str:
        self._constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def _add(self, kind: str, inputs: list[str], output: str, **options: Any) -> str:
        self._nodes.append(helper.make_node(kind, inputs, [output], output, **options))
        return output
