"""What the tensors of a graph hold on real pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from convert.errors import ConversionError
from convert.session import Picture, session

if TYPE_CHECKING:
    from onnx import ModelProto

Doubles: TypeAlias = NDArray[np.float64]

SAMPLES = 4096  # of each tensor and picture, for the choice of ranges


@dataclass
class Seen:
    """
    Of one tensor (1, C, H, W), over all pictures.

    Attributes:
        low, high: the extremes.
        mean, square: (C,), of each channel.
    """

    low: float = 0.0
    high: float = 0.0
    mean: Doubles = field(default_factory=lambda: np.zeros(1))
    square: Doubles = field(default_factory=lambda: np.zeros(1))
    _count: int = 0
    _samples: list[NDArray[np.float32]] = field(default_factory=list)

    def see(self, values: NDArray[np.float32], draw: np.random.Generator) -> None:
        """Take one picture's values in."""
        self.low = min(self.low, float(values.min()))
        self.high = max(self.high, float(values.max()))
        planes = values[0].reshape(values.shape[1], -1)
        self._count += 1
        self.mean = self.mean + (planes.mean(1, dtype=np.float64) - self.mean) / self._count
        square = np.einsum("cp,cp->c", planes, planes) / planes.shape[1]
        self.square = self.square + (square - self.square) / self._count
        flat = values.reshape(-1)
        self._samples.append(flat[draw.integers(0, flat.size, min(SAMPLES, flat.size))])

    @property
    def variance(self) -> Doubles:
        """(C,), of each channel."""
        return np.maximum(self.square - self.mean**2, 0)

    @property
    def samples(self) -> Doubles:
        """Some of the values, the same ones each time."""
        return np.concatenate(self._samples).astype(np.float64)


def observe(
    model: ModelProto, names: Sequence[str], pictures: Sequence[Picture]
) -> dict[str, Seen]:
    """
    Run the graph on ``pictures`` and watch the tensors ``names``, each (1, C, H, W) float32.

    Raises:
        ConversionError: no pictures, the graph does not run, or gives values that are not finite.
    """
    if not pictures:
        raise ConversionError("int8 is calibrated on pictures, and there were none")
    watched = _exposed(model, names)
    draw = np.random.default_rng(0)
    seen = {name: Seen() for name in names}
    running = session(watched)
    for picture in pictures:
        for name, values in zip(names, running.run(names, picture), strict=True):
            seen[name].see(values, draw)
    broken = [name for name, each in seen.items() if not np.isfinite([each.low, each.high]).all()]
    if broken:
        raise ConversionError(f"{broken[0]} is not finite on these pictures: no int8 comes of it")
    return seen


def _exposed(model: ModelProto, names: Sequence[str]) -> bytes:
    """The graph, with these tensors among its outputs."""
    from onnx import ModelProto, TensorProto, helper

    made = ModelProto()
    made.CopyFrom(model)
    have = {value.name for value in made.graph.output}
    for name in names:
        if name not in have:
            made.graph.output.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, None))
    data: bytes = made.SerializeToString()
    return data
