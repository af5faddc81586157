"""
The residual U-block, RSU (Qin et al., "U2-Net: Going Deeper with Nested U-Structure", 2020).

Parameters bear the names of the authors' repository, so that their state dicts load key for key.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from convert.networks.normed import Normed


class ConvBlock(Normed):
    """3x3 convolution, batch norm, ReLU. ``bn_s1`` is an Identity once it is fused."""

    norms = {"conv_s1": "bn_s1"}
    biased = True

    def __init__(self, in_channels: int, out_channels: int, dilation: int = 1) -> None:
        super().__init__()
        self.conv_s1 = nn.Conv2d(in_channels, out_channels, 3, padding=dilation, dilation=dilation)
        self.bn_s1: nn.Module = nn.BatchNorm2d(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        convolved: Tensor = self.bn_s1(self.conv_s1(x))
        return functional.relu(convolved)


class RSU(nn.Module):
    """
    A small U-Net added to its own input features: context and detail within one stage.

    Args:
        depth: L of the paper: RSU-7 has 7 levels. All but the first and the last halve the size.
        in_channels, mid_channels, out_channels: C_in, M and C_out of the paper.
        dilated: RSU-4F: dilation grows where the others halve, so the size stays.
    """

    def __init__(
        self,
        depth: int,
        in_channels: int,
        mid_channels: int,
        out_channels: int,
        *,
        dilated: bool = False,
    ) -> None:
        super().__init__()
        self.depth, self.dilated = depth, dilated
        self.rebnconvin = ConvBlock(in_channels, out_channels)
        for level in range(1, depth + 1):
            # The last level looks twice as far instead of halving once more.
            dilation = 1 << (level - 1) if dilated else 1 + (level == depth)
            width = out_channels if level == 1 else mid_channels
            self.add_module(f"rebnconv{level}", ConvBlock(width, mid_channels, dilation))
        for level in range(depth - 1, 0, -1):
            dilation = 1 << (level - 1) if dilated else 1
            width = out_channels if level == 1 else mid_channels
            self.add_module(f"rebnconv{level}d", ConvBlock(2 * mid_channels, width, dilation))

    def forward(self, x: Tensor) -> Tensor:
        """(N, C_in, H, W) to (N, C_out, H, W); H, W multiples of 2 ** (depth - 2) unless dilated"""
        features: Tensor = self.rebnconvin(x)
        skips = [self.get_submodule("rebnconv1")(features)]
        for level in range(2, self.depth):
            below = skips[-1] if self.dilated else halve(skips[-1])
            skips.append(self.get_submodule(f"rebnconv{level}")(below))
        deep: Tensor = self.get_submodule(f"rebnconv{self.depth}")(skips[-1])
        for level in range(self.depth - 1, 0, -1):
            joined = torch.cat((deep, skips[level - 1]), 1)
            deep = self.get_submodule(f"rebnconv{level}d")(joined)
            if level > 1 and not self.dilated:
                deep = enlarge(deep)
        return deep + features


def halve(x: Tensor) -> Tensor:
    """Max-pool (N, C, H, W) to (N, C, H/2, W/2); H and W are even."""
    return functional.max_pool2d(x, 2, stride=2)


def enlarge(x: Tensor, factor: int = 2) -> Tensor:
    """Bilinear upsampling by a whole factor, half-pixel centres, as the published networks do."""
    return functional.interpolate(
        x, scale_factor=float(factor), mode="bilinear", align_corners=False
    )
