"""Convolutions followed by batch norms that can be folded into them: see ``fusing``."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor, nn
from torch.nn import functional


class Normed(nn.Module):
    """
    A module that says which batch norm follows which of its convolutions.

    Attributes:
        norms: from the convolution's name in this module to its batch norm's, in call order. The
            batch norm is an Identity once it is fused.
        biased: whether the convolutions have biases beside their batch norms' own.
    """

    norms: Mapping[str, str] = {}
    biased: bool = False


class ConvNorm(Normed):
    """Convolution of an odd size that keeps the picture's, batch norm, ReLU."""

    norms = {"conv": "norm"}

    def __init__(
        self, in_channels: int, out_channels: int, kernel: int = 3, dilation: int = 1
    ) -> None:
        super().__init__()
        padding = dilation * (kernel // 2)
        self.conv = nn.Conv2d(
            in_channels, out_channels, kernel, padding=padding, dilation=dilation, bias=False
        )
        self.norm: nn.Module = nn.BatchNorm2d(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        normed: Tensor = self.norm(self.conv(x))
        return functional.relu(normed)
