"""
DeepLabV3+ (Chen et al., "Encoder-Decoder with Atrous Separable Convolution", ECCV 2018).

ResNet50 with an output stride of 16, atrous spatial pyramid pooling, and a decoder that takes the
finer features of layer1 in. Squeeze-and-excitation (Hu et al., CVPR 2018) weighs the channels
before and after the decoder's convolutions.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from convert.networks.normed import ConvNorm
from convert.networks.resnet50 import CHANNELS, OnResNet50, ResNet50
from convert.networks.rsu import enlarge

RATES = (6, 12, 18)  # of dilation, at an output stride of 16
WIDTH = 256  # channels of the pyramid's branches and of the decoder
FINE = 48  # channels of the finer features, few so that they do not outweigh the pyramid
SQUEEZED = 8  # times fewer channels in the middle of squeeze-and-excitation


class DeepLabV3Plus(OnResNet50):
    """One map of logits, drawn at a quarter of the picture's size and enlarged bilinearly."""

    name = "deeplabv3plus"
    multiple = 16

    def __init__(self) -> None:
        super().__init__()
        self.encoder = ResNet50(dilated=True)
        self.pyramid = Pyramid(CHANNELS[4])
        self.fine = ConvNorm(CHANNELS[1], FINE, 1)
        self.before = SqueezeExcite(WIDTH + FINE)
        self.decoder = nn.Sequential(ConvNorm(WIDTH + FINE, WIDTH), ConvNorm(WIDTH, WIDTH))
        self.after = SqueezeExcite(WIDTH)
        self.head = nn.Conv2d(WIDTH, 1, 1)

    def logits(self, normalised: Tensor) -> list[Tensor]:
        _, fine, *_, deep = self.encoder(normalised)
        joined = torch.cat((enlarge(self.pyramid(deep), 4), self.fine(fine)), 1)
        decoded = self.after(self.decoder(self.before(joined)))
        return [enlarge(self.head(decoded), 4)]


class Pyramid(nn.Module):
    """ASPP: a 1x1 convolution, three dilated ones and the mean of all, side by side."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        branches = [ConvNorm(in_channels, WIDTH, 1)]
        branches += [ConvNorm(in_channels, WIDTH, dilation=rate) for rate in RATES]
        self.branches = nn.ModuleList(branches)
        self.pooled = ConvNorm(in_channels, WIDTH, 1)
        self.projection = ConvNorm(WIDTH * (len(branches) + 1), WIDTH, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(N, in_channels, H, W) to (N, WIDTH, H, W)"""
        found = [branch(x) for branch in self.branches]
        everywhere = self.pooled(x.mean((2, 3), keepdim=True)).expand_as(found[0])
        projected: Tensor = self.projection(torch.cat((*found, everywhere), 1))
        return projected


class SqueezeExcite(nn.Module):
    """Each channel times a weight in [0, 1] that the means of all channels decide."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        # 1x1 convolutions, and not Linear: what reads, counts or quantises convolutions sees them.
        self.squeeze = nn.Conv2d(channels, channels // SQUEEZED, 1)
        self.excite = nn.Conv2d(channels // SQUEEZED, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """(N, channels, H, W), same out"""
        squeezed = torch.relu(self.squeeze(x.mean((2, 3), keepdim=True)))
        return x * torch.sigmoid(self.excite(squeezed))
