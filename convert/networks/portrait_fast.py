"""
``portrait_fast``: U2NETP's trunk on half the resolution, and edges drawn at the full one.

2x2 pixels become one with 12 channels (space to depth, nothing is lost), so the trunk costs a
quarter. Its map is enlarged bilinearly and corrected by a head that sees the trunk's finest
features beside those 12 channels, and gives one value per pixel (sub-pixel convolution, Shi et al.
2016). All of the head's work is done at half resolution, where convolutions are dense: a refinement
at full resolution with few channels has as many multiplications, but waits for memory.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from convert.networks.fusing import fuse, fused
from convert.networks.network import Network
from convert.networks.rsu import ConvBlock, enlarge
from convert.networks.u2net import U2NetP

BLOCK = 2  # pixels of a side that become one
FEATURES = 64  # channels of U2NETP's stage1d
DETAIL = 16  # channels of the head


class PortraitFast(Network):
    """
    About 3.2 GMAC at 192x320, against U2NETP's 11.9.

    Attributes:
        trunk: U2NETP on (N, 12, H/2, W/2).
        detail, residual: the head; ``residual`` begins at zero, so that a new network gives the
            trunk's map, bilinearly enlarged.
    """

    name = "portrait_fast"
    multiple = 32 * BLOCK

    def __init__(self) -> None:
        super().__init__()
        blocks = 3 * BLOCK**2
        self.trunk = U2NetP(picture_channels=blocks)
        self.detail = ConvBlock(FEATURES + blocks, DETAIL)
        self.residual = nn.Conv2d(DETAIL, BLOCK**2, 3, padding=1)
        self._silence()

    def logits(self, normalised: Tensor) -> list[Tensor]:
        blocks = functional.pixel_unshuffle(normalised, BLOCK)
        features = self.trunk.features(blocks)
        fused, *sides = (enlarge(each, BLOCK) for each in self.trunk.fuse(features))
        detail = self.detail(torch.cat((features[0], blocks), 1))
        return [fused + functional.pixel_shuffle(self.residual(detail), BLOCK), *sides]

    @torch.no_grad()
    def initialise(self, source: U2NetP) -> None:
        """
        Start from U2NETP: afterwards this gives what ``source`` gives for the half-size picture.

        Args:
            source: U2NETP; if it is fused, the trunk becomes so too.
        """
        if fused(source):
            fuse(self.trunk)
        weights = source.state_dict()
        key = "stage1.rebnconvin.conv_s1.weight"
        # Each of a block's pixels gets a share, so the sum is the convolution of their average.
        weights[key] = weights[key].repeat_interleave(BLOCK**2, dim=1) / BLOCK**2
        self.trunk.load_state_dict(weights)
        self._silence()

    def _silence(self) -> None:
        for parameter in self.residual.parameters():
            nn.init.zeros_(parameter)
