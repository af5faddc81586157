"""
U2NET and U2NETP (Qin et al. 2020): a U-Net whose every stage is a small U-Net, an RSU.

State dicts have the keys of the authors' repository: ``stage1.rebnconvin.conv_s1.weight`` ...
``stage1d...``, ``side1.weight`` ... ``side6.bias``, ``outconv.weight``, ``outconv.bias``.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from convert.networks.network import Network
from convert.networks.rsu import RSU, enlarge, halve

LEVELS = 6


class U2Net(Network):
    """
    The published saliency networks; U2NETP is the one with few channels throughout.

    Args:
        mid: M of the eleven stages: 1 ... 6 of the encoder, then 5d ... 1d of the decoder.
        out: C_out of the encoder's stages 1 ... 6; a decoder stage gives what the next one, or the
            side convolution, takes.
        picture_channels: of the first stage's input.
    """

    name = "u2net"
    multiple = 32

    def __init__(
        self,
        mid: tuple[int, ...] = (32, 32, 64, 128, 256, 256, 256, 128, 64, 32, 16),
        out: tuple[int, ...] = (64, 128, 256, 512, 512, 512),
        picture_channels: int = 3,
    ) -> None:
        super().__init__()
        encoder, decoder = mid[:LEVELS], mid[LEVELS:]
        width = picture_channels
        for level in range(1, LEVELS + 1):
            stage = _stage(level, width, encoder[level - 1], out[level - 1])
            self.add_module(f"stage{level}", stage)
            width = out[level - 1]
        widths = [width]  # of the maps that the side convolutions take, coarsest first
        for level in range(LEVELS - 1, 0, -1):
            given = out[max(level - 2, 0)]  # as wide as the encoder's map that it meets next
            joined = widths[-1] + out[level - 1]
            stage = _stage(level, joined, decoder[LEVELS - 1 - level], given)
            self.add_module(f"stage{level}d", stage)
            widths.append(given)
        for level in range(1, LEVELS + 1):
            self.add_module(f"side{level}", nn.Conv2d(widths[-level], 1, 3, padding=1))
        self.outconv = nn.Conv2d(LEVELS, 1, 1)

    def logits(self, normalised: Tensor) -> list[Tensor]:
        return self.fuse(self.features(normalised))

    def features(self, x: Tensor) -> list[Tensor]:
        """What the side convolutions take, finest first: stage1d ... stage5d, stage6."""
        skips = [self.get_submodule("stage1")(x)]
        for level in range(2, LEVELS + 1):
            skips.append(self.get_submodule(f"stage{level}")(halve(skips[-1])))
        maps = [skips.pop()]
        for level in range(LEVELS - 1, 0, -1):
            joined = torch.cat((enlarge(maps[0]), skips.pop()), 1)
            maps.insert(0, self.get_submodule(f"stage{level}d")(joined))
        return maps

    def fuse(self, features: list[Tensor]) -> list[Tensor]:
        """Logits d0, d1 ... d6 at the finest features' size: d0 is made of the six side maps."""
        sides = [
            self.get_submodule(f"side{level}")(feature)
            for level, feature in enumerate(features, start=1)
        ]
        sides = [sides[0], *(enlarge(side, 1 << i) for i, side in enumerate(sides[1:], start=1))]
        return [self.outconv(torch.cat(sides, 1)), *sides]


class U2NetP(U2Net):
    """U2NETP: 16 mid and 64 output channels in every stage; 1.13 M parameters."""

    name = "u2netp"

    def __init__(self, picture_channels: int = 3) -> None:
        super().__init__((16,) * 11, (64,) * LEVELS, picture_channels)


class Portrait(U2NetP):
    """U2NETP to the letter, under the name of the weights that were fitted to people."""

    name = "portrait"


def _stage(level: int, in_channels: int, mid_channels: int, out_channels: int) -> RSU:
    """RSU-7, -6, -5, -4 on levels 1 to 4, and RSU-4F on 5 and 6, where the map is small."""
    if level >= 5:
        return RSU(4, in_channels, mid_channels, out_channels, dilated=True)
    return RSU(8 - level, in_channels, mid_channels, out_channels)
