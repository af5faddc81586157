"""The held-out pictures, and how far from their truth a network is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from train.data.batches import Batches
from train.data.framing import Size
from train.data.pictures import write_rgb
from train.data.scenes import Shot
from train.data.sensor import draw

KINDS = {"as taken": 0.4, "composited": 0.4, "empty": 0.2}  # what each counts in the score
AT_ONCE = 16  # pictures
SHOWN = 8  # pictures of a kind on a contact sheet


@dataclass(frozen=True, slots=True)
class Score:
    """
    MAD x 1e3 of each kind; of empty scenes that is their mean alpha x 1e3.

    Attributes:
        value: the weighted mean: lower is better, and decides which checkpoint is best.
    """

    kinds: dict[str, float]

    @property
    def value(self) -> float:
        weight = sum(KINDS[kind] for kind in self.kinds)
        return sum(KINDS[kind] * mad for kind, mad in self.kinds.items()) / weight


class Validation:
    """
    Fixed scenes of held-out pictures; new rooms are seen through a camera's faults, too.

    Args:
        held: batches over the held-out pictures.
        sizes: (width, height) to look at.
        count: scenes of each kind, shared among the sizes.
    """

    def __init__(self, held: Batches, sizes: Sequence[Size], count: int) -> None:
        self._shots: dict[tuple[str, Size], list[Shot]] = {}
        rng = np.random.default_rng(7)
        for size in sizes:
            for kind in KINDS:
                shots = held.shots(max(1, count // len(sizes)), kind, size)
                if kind != "as taken":
                    shots = [Shot(draw(rng).see(rng, s.image), s.alpha, s.contrast) for s in shots]
                if shots:
                    self._shots[kind, size] = shots

    def score(self, network: nn.Module, device: torch.device, sheets: Path | None) -> Score:
        """
        Measure ``network``, which is in evaluation mode.

        Args:
            sheets: where contact sheets go (picture, truth, alpha), one per kind and size, as PNG.
        """
        errors: dict[str, list[float]] = {}
        for (kind, size), shots in self._shots.items():
            found = _alphas(network, shots, device)
            errors.setdefault(kind, []).extend(
                float(np.abs(a - s.alpha / np.float32(255)).mean()) * 1e3
                for a, s in zip(found, shots, strict=True)
            )
            if sheets is not None:
                name = f"{kind.replace(' ', '-')}-{size[0]}x{size[1]}.png"
                write_rgb(sheets / name, _sheet(shots[:SHOWN], found[:SHOWN]))
        return Score({kind: float(np.mean(values)) for kind, values in errors.items()})


@torch.no_grad()
def _alphas(
    network: nn.Module, shots: Sequence[Shot], device: torch.device
) -> list[NDArray[np.float32]]:
    """What the network says of each, in bf16: that changes a MAD by less than 0.1."""
    found: list[NDArray[np.float32]] = []
    for first in range(0, len(shots), AT_ONCE):
        images = np.stack([shot.image for shot in shots[first : first + AT_ONCE]])
        rgb = torch.from_numpy(images).to(device).permute(0, 3, 1, 2).float() / 255
        with torch.autocast(device.type, torch.bfloat16):
            fused: Tensor = network(rgb)[0]
        found += list(torch.sigmoid(fused.float())[:, 0].cpu().numpy())
    return found


def _sheet(shots: Sequence[Shot], found: Sequence[NDArray[np.float32]]) -> NDArray[np.uint8]:
    columns = [
        np.vstack([s.image, _grey(s.alpha), _grey(np.rint(a * 255).astype(np.uint8))])
        for s, a in zip(shots, found, strict=True)
    ]
    return np.asarray(np.hstack(columns), np.uint8)


def _grey(values: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(values, cv2.COLOR_GRAY2RGB), np.uint8)
