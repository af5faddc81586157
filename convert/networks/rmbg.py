"""
The RMBG network: ResNet50, a dilated bridge, four decoder blocks, each with its own side output.

The bridge looks at a sixteenth of the resolution, where dilations of 3, 6 and 9 see the person as
a whole; the four blocks double it back to the picture's own, and the last of them sees the picture
itself. The side outputs are fused by a 1x1 convolution, as those of U2NET are.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from convert.networks.normed import ConvNorm
from convert.networks.resnet50 import CHANNELS, OnResNet50, ResNet50
from convert.networks.rsu import enlarge

STAGES = 3  # of ResNet50: down to a sixteenth
RATES = (1, 3, 6, 9)  # of dilation in the bridge; 1 keeps what is near
BRIDGE = 256  # channels of the bridge
WIDTHS = (128, 64, 32, 16)  # channels of the decoder blocks, coarsest first


class Rmbg(OnResNet50):
    """Logits: the fused map, then four side maps, finest first."""

    name = "rmbg"
    multiple = 1 << (STAGES + 1)

    def __init__(self) -> None:
        super().__init__()
        self.encoder = ResNet50(STAGES)
        self.bridge = Bridge(CHANNELS[STAGES])
        skips = (*reversed(CHANNELS[:STAGES]), 3)
        taken = (BRIDGE, *WIDTHS)
        self.decoder = nn.ModuleList(
            Decoder(*channels) for channels in zip(taken, skips, WIDTHS, strict=False)
        )
        self.sides = nn.ModuleList(nn.Conv2d(width, 1, 3, padding=1) for width in reversed(WIDTHS))
        self.fuse = nn.Conv2d(len(WIDTHS), 1, 1)
        nn.init.constant_(self.fuse.weight, 1 / len(WIDTHS))  # begin with their mean
        nn.init.zeros_(self.fuse.bias)  # type: ignore[arg-type]

    def logits(self, normalised: Tensor) -> list[Tensor]:
        *skips, deep = self.encoder(normalised)
        x: Tensor = self.bridge(deep)
        features: list[Tensor] = []
        for block, skip in zip(self.decoder, (*reversed(skips), normalised), strict=True):
            x = block(x, skip)
            features.insert(0, x)
        sides = [side(feature) for side, feature in zip(self.sides, features, strict=True)]
        sides = [sides[0], *(enlarge(side, 1 << i) for i, side in enumerate(sides[1:], start=1))]
        return [self.fuse(torch.cat(sides, 1)), *sides]


class Bridge(nn.Module):
    """3x3 convolutions of growing dilation side by side, joined by a 1x1 convolution."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            ConvNorm(in_channels, BRIDGE, dilation=rate) for rate in RATES
        )
        self.join = ConvNorm(BRIDGE * len(RATES), BRIDGE, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(N, in_channels, H, W) to (N, BRIDGE, H, W)"""
        joined: Tensor = self.join(torch.cat([branch(x) for branch in self.branches], 1))
        return joined


class Decoder(nn.Module):
    """Features twice as large, joined with the encoder's of that size: two 3x3 convolutions."""

    def __init__(self, in_channels: int, skip_channels: int, out_channels: int) -> None:
        super().__init__()
        self.join = ConvNorm(in_channels + skip_channels, out_channels)
        self.refine = ConvNorm(out_channels, out_channels)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        """(N, in_channels, H, W) and (N, skip_channels, 2H, 2W) to (N, out_channels, 2H, 2W)"""
        joined = self.join(torch.cat((enlarge(x), skip), 1))
        refined: Tensor = self.refine(joined) + joined
        return refined
