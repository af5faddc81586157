"""
ResNet50 (He et al., "Deep Residual Learning for Image Recognition", CVPR 2016) as an encoder.

Parameters bear torchvision's names, so that its ImageNet weights load key for key; as there, a
stage's stride is on its first 3x3 convolution (ResNet v1.5).
"""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn import functional

from convert.networks.network import Network
from convert.networks.normed import Normed

BLOCKS = (3, 4, 6, 3)  # of layer1 ... layer4
MID = (64, 128, 256, 512)
GROWTH = 4  # a block gives this many times its mid channels
CHANNELS = (64, 256, 512, 1024, 2048)  # of what ``forward`` gives, finest first


class Bottleneck(Normed):
    """
    1x1, 3x3 and 1x1 convolutions, added to the input, or to a 1x1 projection of it.

    Args:
        stride, dilation: of the 3x3 convolution.
    """

    def __init__(self, in_channels: int, mid: int, stride: int = 1, dilation: int = 1) -> None:
        super().__init__()
        out = GROWTH * mid
        self.conv1 = nn.Conv2d(in_channels, mid, 1, bias=False)
        self.bn1: nn.Module = nn.BatchNorm2d(mid)
        self.conv2 = nn.Conv2d(mid, mid, 3, stride, dilation, dilation, bias=False)
        self.bn2: nn.Module = nn.BatchNorm2d(mid)
        self.conv3 = nn.Conv2d(mid, out, 1, bias=False)
        last = nn.BatchNorm2d(out)
        nn.init.zeros_(last.weight)  # from scratch it begins as identity (Goyal et al. 2017)
        self.bn3: nn.Module = last
        self.norms = {f"conv{n}": f"bn{n}" for n in (1, 2, 3)}
        self.downsample: nn.Module = nn.Identity()
        if stride > 1 or in_channels != out:
            projection = nn.Conv2d(in_channels, out, 1, stride, bias=False)
            self.downsample = nn.Sequential(projection, nn.BatchNorm2d(out))
            self.norms["downsample.0"] = "downsample.1"

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = functional.relu(self.bn1(self.conv1(x)))
        out = functional.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        return functional.relu(out + self.downsample(x))


class ResNet50(Normed):
    """
    The classifier's stages; what it is without is the classifier.

    Args:
        stages: how many of layer1 ... layer4 there are.
        dilated: layer4 looks twice as far instead of halving once more.
    """

    norms = {"conv1": "bn1"}

    def __init__(self, stages: int = 4, *, dilated: bool = False) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, CHANNELS[0], 7, 2, 3, bias=False)
        self.bn1: nn.Module = nn.BatchNorm2d(CHANNELS[0])
        self.stages = stages
        for stage in range(1, stages + 1):
            last = dilated and stage == 4
            self.add_module(f"layer{stage}", _layer(stage, 1 if stage == 1 or last else 2, last))
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, normalised: Tensor) -> list[Tensor]:
        """
        The features of a picture, finest first.

        Args:
            normalised: (N, 3, H, W), by ImageNet's mean and deviation; H, W multiples of 2 to the
                power of 1 + stages.

        Returns:
            (N, CHANNELS[i], H / 2^(i + 1), W / 2^(i + 1)) of conv1, layer1, ...; if it is dilated,
            layer4's are as large as layer3's.
        """
        features = [functional.relu(self.bn1(self.conv1(normalised)))]
        x = functional.max_pool2d(features[0], 3, 2, 1)
        for stage in range(1, self.stages + 1):
            x = self.get_submodule(f"layer{stage}")(x)
            features.append(x)
        return features


class OnResNet50(Network):
    """A network that begins with ResNet50, so that it can start from its ImageNet weights."""

    encoder: ResNet50


def _layer(stage: int, stride: int, dilated: bool) -> nn.Sequential:
    """Its first block halves or, if it is dilated, still looks as near as the stage before."""
    mid, wide = MID[stage - 1], CHANNELS[stage]
    blocks = [Bottleneck(CHANNELS[stage - 1], mid, stride)]
    blocks += [Bottleneck(wide, mid, dilation=1 + dilated) for _ in range(BLOCKS[stage - 1] - 1)]
    return nn.Sequential(*blocks)
