"""From floats to steps: ranges of activations, scales of weights, and what rounding moved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from convert.quantise.observe import Doubles, Seen
from convert.quantise.scheme import Scheme

Floats: TypeAlias = NDArray[np.float32]

WEIGHT_STEPS = 127
TINY = 1e-9  # a channel that is all zero needs some scale
BIAS_STEPS = 2**30
CLIPS = np.geomspace(0.2, 1.0, 25)  # parts of the full range that are tried


@dataclass(frozen=True, slots=True)
class Steps:
    """An activation's ``scale`` and ``zero_point``: real = (integer - zero_point) * scale."""

    scale: np.float32
    zero_point: int


@dataclass(frozen=True, slots=True)
class Weights:
    """
    A convolution's weight in integers.

    Attributes:
        values: (out, in / groups, h, w) int8.
        scales: (out,) float32.
        error: what rounding took away, as ``values``: the true weight is rounded plus error.
    """

    values: NDArray[np.int8]
    scales: Floats
    error: Doubles


def round_weights(weight: Floats, bias: Floats, inputs: Steps) -> Weights:
    """
    Round each output channel, symmetrically, within its own range.

    Runtimes add the bias as int32 in steps of both scales: where weights are so small that it
    would not fit, their scale is made as large as that needs.
    """
    wide = weight.astype(np.float64)
    least = np.abs(bias.astype(np.float64)) / (float(inputs.scale) * BIAS_STEPS)
    ranges = np.abs(wide).max((1, 2, 3)).clip(min=TINY) / WEIGHT_STEPS
    scales = np.maximum(ranges, least).astype(np.float32)
    each = scales[:, None, None, None].astype(np.float64)
    values = np.rint(wide / each).clip(-WEIGHT_STEPS, WEIGHT_STEPS)
    return Weights(values.astype(np.int8), scales, wide - values * each)


def correct_bias(bias: Floats, rounded: Weights, inputs: Doubles) -> Floats:
    """
    Put back, into the bias, what rounding takes from each output on average (Nagel et al. 2019).

    Args:
        bias: (out,).
        inputs: (in / groups * groups,), the mean of each input channel.
    """
    lost = rounded.error.sum((2, 3))  # (out, in / groups)
    moved = (lost * _per_output(inputs, lost.shape)).sum(1)
    corrected: Floats = (bias + moved).astype(np.float32)
    return corrected


def choose_steps(seen: Seen, scheme: Scheme) -> Steps:
    """
    The range with the least mean squared error: rounding within it and clipping outside together.

    Zero is always a step: padding and what a ReLU cut off stay exactly zero.
    """
    samples = seen.samples
    if seen.low == seen.high == 0:
        return Steps(np.float32(TINY), 0)
    candidates = [_steps(seen.low * clip, seen.high * clip, scheme) for clip in CLIPS]
    return min(candidates, key=lambda steps: _error(samples, steps, scheme))


def noise(weight: Floats, rounded: Weights, inputs: Seen, steps: Steps) -> float:
    """The variance that rounding weights and inputs adds to the outputs, mean over channels."""
    spread = (rounded.error**2).sum((2, 3))
    of_weights = (spread * _per_output(inputs.variance, spread.shape)).sum(1)
    of_inputs = (weight.astype(np.float64) ** 2).sum((1, 2, 3)) * float(steps.scale) ** 2 / 12
    return float((of_weights + of_inputs).mean())


def _per_output(channels: Doubles, shape: tuple[int, ...]) -> Doubles:
    """(in,) values to (out, in / groups): those of the group that each output reads."""
    outputs, width = shape
    groups = len(channels) // width
    return channels.reshape(groups, width).repeat(outputs // groups, axis=0)


def _steps(low: float, high: float, scheme: Scheme) -> Steps:
    if scheme.signed:
        return Steps(np.float32(max(-low, high) / scheme.steps), 0)
    scale = np.float32((high - low) / scheme.steps)
    return Steps(scale, round(float(np.clip(-low / scale, 0, scheme.steps))))


def _error(samples: Doubles, steps: Steps, scheme: Scheme) -> float:
    limits = np.iinfo(scheme.dtype)
    scale = float(steps.scale)
    integers = np.rint(samples / scale + steps.zero_point).clip(limits.min, limits.max)
    return float((((integers - steps.zero_point) * scale - samples) ** 2).mean())
