"""One layer of a network, as a runtime tells of it, and what it computes."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np
from numpy.typing import NDArray

RUNS, WARM_UP = 20, 3  # of a profiled model; first runs load kernels

Shape = tuple[int, ...]
Picture = NDArray[np.uint8]  # (1, H, W, 3)


@dataclass(frozen=True, slots=True)
class Layer:
    """
    Attributes:
        kind: as the runtime calls it.
        precision: such as "f32" or "u8".
        ms: in the mean of the runs.
        macs: multiply-accumulates; 0 where it has none, or the runtime does not tell.
    """

    name: str
    kind: str
    precision: str
    ms: float
    macs: int


def convolution(picture: Shape, weights: Shape) -> int:
    """
    Multiply-accumulates of a convolution.

    Args:
        picture: (N, C, H, W) of the output; of the input, where the convolution is transposed.
        weights: in any layout, grouped or not: each of them meets every place once.
    """
    return picture[0] * prod(picture[2:]) * prod(weights)
