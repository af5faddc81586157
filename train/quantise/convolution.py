"""A convolution that can be computed as its integers will be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from train.quantise.fake import Activation, fake_weight
from train.quantise.operators import padded, pair


class Convolution(nn.Module):
    """
    One Conv node.

    Attributes:
        weight, bias: learnt.
        inputs: the rounding of what it reads; None while it is computed in float.
    """

    inputs: Activation | None

    def __init__(self, weight: Tensor, bias: Tensor, given: Mapping[str, Any]) -> None:
        super().__init__()
        self.weight, self.bias = nn.Parameter(weight), nn.Parameter(bias)
        self._pads = given.get("pads", (0, 0, 0, 0))
        self._strides = pair(given.get("strides", (1, 1)))
        self._dilations = pair(given.get("dilations", (1, 1)))
        self._groups = given.get("group", 1)
        self.inputs = None

    def forward(self, x: Tensor) -> Tensor:
        weight: Tensor = self.weight
        if self.inputs is not None:
            weight = fake_weight(weight, self.bias, self.inputs.scale)
        x, padding = padded(x, self._pads, 0.0)
        return functional.conv2d(
            x, weight, self.bias, self._strides, padding, self._dilations, self._groups
        )


def numbers(part: Convolution) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Its weight and bias, as ONNX files hold them."""
    weight, bias = (each.detach().cpu().numpy() for each in (part.weight, part.bias))
    return np.ascontiguousarray(weight, np.float32), np.ascontiguousarray(bias, np.float32)
