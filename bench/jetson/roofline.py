"""
How long a network takes at least on a device, and how long it may be expected to take.

The roofline model (Williams, Waterman, Patterson 2009), layer by layer: a layer takes as long as
its arithmetic or as its memory traffic does, whichever is longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from bench.ceiling.with_onnxruntime import macs_of_kernel
from bench.jetson.devices import Device

BYTES = 2  # of a value in fp16
# What a network reaches of a device's peaks, and what starting a layer costs. Taken from what is
# commonly seen of small convolutions in TensorRT; nothing here was measured on a Jetson.
ARITHMETIC, TRAFFIC, START_S = 0.30, 0.60, 6e-6
# TensorRT writes these into the convolution before them, or drops them: no traffic of their own.
FUSED = frozenset(
    ["Relu", "Clip", "Sigmoid", "HardSigmoid", "HardSwish", "Add", "Mul", "Sub", "Div", "Cast"]
    + ["BatchNormalization", "Concat", "Constant", "Gather", "Identity", "Reshape", "Shape"]
    + ["Slice", "Squeeze", "Transpose", "Unsqueeze"]
)


@dataclass(frozen=True, slots=True)
class Work:
    """One layer: multiply-accumulates, and bytes that it reads and writes."""

    macs: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Estimate:
    """Attributes: ``least_ms`` no device beats; ``expected_ms`` is a guess with a reason."""

    least_ms: float
    expected_ms: float


def work_of(kernels: Iterable[dict[str, Any]]) -> list[Work]:
    """
    The layers that remain when pointwise ones are fused into those before them.

    Args:
        kernels: as ``bench.ceiling.with_onnxruntime.kernels`` gives them.
    """
    layers = []
    for kernel in kernels:
        if kernel["op_name"] in FUSED:
            continue
        shapes = [*kernel.get("input_type_shape", []), *kernel.get("output_type_shape", [])]
        values = sum(prod(size) for shape in shapes for size in shape.values())
        layers.append(Work(macs_of_kernel(kernel), values * BYTES))
    return layers


def estimate(layers: Sequence[Work], device: Device) -> Estimate:
    """How long one matte takes."""
    least = expected = 0.0
    for layer in layers:
        arithmetic_s = layer.macs / (device.tmac_s * 1e12)
        traffic_s = layer.bytes / (device.memory_gb_s * 1e9)
        least += max(arithmetic_s, traffic_s)
        expected += max(arithmetic_s / ARITHMETIC, traffic_s / TRAFFIC) + START_S
    return Estimate(round(least * 1e3, 3), round(expected * 1e3, 3))
