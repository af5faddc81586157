"""How a runtime wants its integers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import DTypeLike


@dataclass(frozen=True, slots=True)
class Scheme:
    """
    Attributes:
        signed: activations are int8 around zero, else uint8 with a zero point: one bit more for
            what a ReLU gives.
        everywhere: pooling, resizing, concatenation and addition get Q/DQ too, and so do the
            ends, the normalised picture and maps that no ReLU bounds; else only what a convolution
            reads. ONNX Runtime keeps integers only between Q/DQ; TensorRT moves them.
    """

    name: str
    signed: bool
    everywhere: bool

    @property
    def dtype(self) -> DTypeLike:
        """Of quantised activations."""
        return np.int8 if self.signed else np.uint8

    @property
    def steps(self) -> int:
        """From the lowest value to the highest; of the upper half, if signed."""
        return 127 if self.signed else 255


CPU = Scheme("cpu", signed=False, everywhere=True)
TENSORRT = Scheme("tensorrt", signed=True, everywhere=False)  # it refuses zero points
SCHEMES: Mapping[str, Scheme] = MappingProxyType({each.name: each for each in (CPU, TENSORRT)})
