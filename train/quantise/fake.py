"""Rounding that gradients pass: the same integers as ``convert.quantise.rounding`` makes."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor, nn

from convert.quantise.rounding import BIAS_STEPS, TINY, WEIGHT_STEPS, Steps
from convert.quantise.scheme import Scheme


class Activation(nn.Module):
    """
    Q and DQ of one tensor; its scale is learnt, as a factor, its zero point stays.

    Args:
        steps: those observed.
    """

    observed: Tensor
    zero_point: Tensor

    def __init__(self, steps: Steps, scheme: Scheme) -> None:
        super().__init__()
        limits = np.iinfo(scheme.dtype)
        self._low, self._high = int(limits.min), int(limits.max)
        self.register_buffer("observed", torch.tensor([float(steps.scale)]))
        self.register_buffer("zero_point", torch.tensor([float(steps.zero_point)]))
        self.widened = nn.Parameter(torch.zeros(1))

    @property
    def scale(self) -> Tensor:
        """(1,) float32, positive."""
        return self.observed * self.widened.exp()

    def forward(self, x: Tensor) -> Tensor:
        # What the gradient of the scale is divided by, so that it weighs as much as a weight's.
        share = 1 / math.sqrt(x[0].numel() * (self._high - self._low))
        made: Tensor = torch._fake_quantize_learnable_per_tensor_affine(
            x, self.scale, self.zero_point, self._low, self._high, share
        )
        return made

    def steps(self) -> Steps:
        """As a Q/DQ pair holds it."""
        return Steps(np.float32(float(self.scale.detach())), int(self.zero_point))


def fake_weight(weight: Tensor, bias: Tensor, input_scale: Tensor) -> Tensor:
    """
    A convolution's weight, rounded per output channel: see ``convert.quantise.round_weights``.

    Args:
        input_scale: of what the convolution reads: it decides in which steps the bias is added.
    """
    with torch.no_grad():
        ranges = weight.abs().amax((1, 2, 3)).clamp(min=TINY) / WEIGHT_STEPS
        scales = torch.maximum(ranges, bias.abs() / (input_scale * BIAS_STEPS))
        zeros = torch.zeros_like(scales, dtype=torch.int32)
    return torch.fake_quantize_per_channel_affine(
        weight, scales, zeros, 0, -WEIGHT_STEPS, WEIGHT_STEPS
    )
