"""What all networks share, so that training and export treat them alike."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import Tensor, nn

from convert.errors import SizeError

# Of ImageNet's pictures, per channel R, G, B, for values in [0, 1].
MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


class Network(nn.Module, ABC):
    """
    Pictures to logits; ``sigmoid`` of the first map is alpha.

    Attributes:
        name: as ``convert.networks.make`` takes it.
        multiple: height and width of the input must be multiples of it.
        mean, std: (1, 3, 1, 1) float32, of the normalisation; not part of the state dict, whose
            keys are the published ones.
    """

    name: ClassVar[str]
    multiple: ClassVar[int]
    mean: Tensor
    std: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1), persistent=False)

    def forward(self, rgb: Tensor) -> list[Tensor]:
        """
        Estimate the saliency map, or matte, of a batch.

        Args:
            rgb: (N, 3, H, W) float in [0, 1], sRGB.

        Returns:
            Logits, each (N, 1, H, W): the map that counts, then the side maps, if the network has
            some, finest first, for deep supervision.

        Raises:
            SizeError: H or W is not a multiple of ``multiple``.
        """
        self.check_size(rgb.shape[-1], rgb.shape[-2])
        return self.logits((rgb - self.mean) / self.std)

    @abstractmethod
    def logits(self, normalised: Tensor) -> list[Tensor]:
        """As ``forward``, for a batch that is normalised and of a good size."""

    def check_size(self, width: int, height: int) -> None:
        """Raise SizeError unless the network can run at this input size."""
        multiple = self.multiple
        if width > 0 and height > 0 and width % multiple == height % multiple == 0:
            return
        near = "x".join(str(max(1, round(side / multiple)) * multiple) for side in (height, width))
        raise SizeError(
            f"{self.name} cannot run at {height}x{width} (height x width): it halves its input "
            f"{multiple.bit_length() - 1} times, so both must be multiples of {multiple}; "
            f"the nearest is {near}"
        )
