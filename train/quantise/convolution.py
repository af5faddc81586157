"""A convolution that can be computed as its integers will be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from convert.quantise.rounding import TINY
from train.quantise.fake import Activation, fake_weight
from train.quantise.operators import padded, pair


class Convolution(nn.Module):
    """
    One Conv node; float and fixed until ``learn``.

    What is learnt is relative: a weight moves in units of what an average weight of its output
    channel adds to the output. One optimizer step then changes all outputs alike, also where a
    channel that serves as a second bias is two hundred times as large as the others.

    Attributes:
        inputs: the rounding of what it reads; None while it is computed in float.
    """

    given_weight: Tensor
    given_bias: Tensor
    unit: Tensor
    bias_unit: Tensor

    def __init__(self, weight: Tensor, bias: Tensor, given: Mapping[str, Any]) -> None:
        super().__init__()
        self.register_buffer("given_weight", weight)
        self.register_buffer("given_bias", bias)
        self._pads = given.get("pads", (0, 0, 0, 0))
        self._strides = pair(given.get("strides", (1, 1)))
        self._dilations = pair(given.get("dilations", (1, 1)))
        self._groups = given.get("group", 1)
        self.inputs: Activation | None = None

    def learn(self, inputs: Activation, power: Tensor) -> None:
        """
        Compute in integers from now on, and learn.

        Args:
            inputs: the rounding of what it reads.
            power: (in,), the mean square of each input channel.
        """
        self.inputs = inputs
        outputs, width = self.given_weight.shape[:2]
        # Of what is hardly ever there little is known: it moves no faster than the middle one.
        usual = max(float(power.median()), TINY)
        each = power.float().clamp(min=usual).view(self._groups, width)
        each = each.repeat_interleave(outputs // self._groups, 0)[:, :, None, None]
        added = (self.given_weight.square() * each).mean((1, 2, 3), keepdim=True).sqrt()
        self.register_buffer("unit", added / each.sqrt())
        self.register_buffer("bias_unit", added.flatten())
        self.moved = nn.Parameter(torch.zeros_like(self.given_weight))
        self.moved_bias = nn.Parameter(torch.zeros_like(self.given_bias))

    @property
    def weight(self) -> Tensor:
        """(out, in / groups, h, w), as it is now."""
        if self.inputs is None:
            return self.given_weight
        return self.given_weight + self.moved * self.unit

    @property
    def bias(self) -> Tensor:
        """(out,), as it is now."""
        if self.inputs is None:
            return self.given_bias
        return self.given_bias + self.moved_bias * self.bias_unit

    def forward(self, x: Tensor) -> Tensor:
        weight, bias = self.weight, self.bias
        if self.inputs is not None:
            weight = fake_weight(weight, bias, self.inputs.scale)
        x, padding = padded(x, self._pads, 0.0)
        return functional.conv2d(
            x, weight, bias, self._strides, padding, self._dilations, self._groups
        )


def numbers(part: Convolution) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Its weight and bias, as ONNX files hold them."""
    weight, bias = (each.detach().cpu().numpy() for each in (part.weight, part.bias))
    return np.ascontiguousarray(weight, np.float32), np.ascontiguousarray(bias, np.float32)
