"""A network of two convolutions: all steps can be tried on it within a second."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from convert.networks import Network
from convert.networks.resnet50 import ResNet50
from convert.networks.rsu import ConvBlock, enlarge, halve


class Tiny(Network):
    name = "tiny"
    multiple = 2

    def __init__(self) -> None:
        super().__init__()
        self.block = ConvBlock(3, 4)
        self.side = nn.Conv2d(4, 1, 3, padding=1)

    def logits(self, normalised: Tensor) -> list[Tensor]:
        side = enlarge(self.side(halve(self.block(normalised))))
        return [2 * side, side]


def settled(network: nn.Module, seed: int = 0) -> None:
    """The same random weights each time, and batch norms as if the network had been trained."""
    generator = torch.Generator().manual_seed(seed)

    def draw(tensor: Tensor | None, low: float, high: float) -> None:
        if tensor is not None:
            tensor.copy_(low + (high - low) * torch.rand(tensor.shape, generator=generator))

    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, nn.Conv2d):
                bound = module.weight[0].numel() ** -0.5
                draw(module.weight, -bound, bound)
                draw(module.bias, -bound, bound)
            elif isinstance(module, nn.BatchNorm2d):
                draw(module.weight, 0.5, 1.5)
                draw(module.running_var, 0.5, 1.5)
                draw(module.bias, -1, 1)
                draw(module.running_mean, -1, 1)
    network.eval()


def picture(height: int, width: int, seed: int = 1) -> Tensor:
    """(1, 3, height, width) float in [0, 1]: coarse blobs with some noise."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.rand(1, 3, max(1, height // 16), max(1, width // 16), generator=generator)
    blobs = nn.functional.interpolate(coarse, size=(height, width), mode="bilinear")
    noise = torch.rand(1, 3, height, width, generator=generator)
    return 0.9 * blobs + 0.1 * noise


def trained() -> Tiny:
    network = Tiny()
    settled(network)
    return network


def same(first: nn.Module, second: nn.Module) -> bool:
    """Whether both have the same weights, to the last bit."""
    states = first.state_dict(), second.state_dict()
    return list(states[0]) == list(states[1]) and all(
        torch.equal(states[0][key], states[1][key]) for key in states[0]
    )


def classifier() -> dict[str, Tensor]:
    """A state dict as torchvision's file of ResNet50 holds it, its classifier included."""
    source = ResNet50()
    settled(source)
    last = {"fc.weight": torch.zeros(1000, 2048), "fc.bias": torch.zeros(1000)}
    return {**source.state_dict(), **last}
