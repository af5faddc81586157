"""A tiny recurrent network, published as the real ones are, and what it must give."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from edge.zoo.memory import Memory, State
from edge.zoo.wrapping import Recipe

MEMORY = Memory(
    states=(State(input="r1i", output="r1o"), State(input="r2i", output="r2o")),
    foreground="fgr",
    ratio="downsample_ratio",
    inner=64,
)
RECIPE = Recipe(input="src", output="pha", mean=(0, 0, 0), std=(255, 255, 255), memory=MEMORY)


def published() -> bytes:
    """
    Half of what was plus the picture's grey is its first state, the count of frames its second.

    Alpha is half of the first state times the ratio, the foreground the negative. A black picture
    makes the first state NaN.
    """
    node = helper.make_node
    nodes = [
        node("ReduceMean", ["src"], ["grey"], axes=[1]),
        node("ReduceMax", ["src"], ["brightest"]),
        node("Log", ["brightest"], ["log"]),  # of black: -inf, and times zero NaN
        node("Mul", ["log", "zero"], ["poison"]),
        node("Mul", ["r1i", "half"], ["faded"]),
        node("Sum", ["faded", "grey", "poison"], ["r1o"]),
        node("Mul", ["r1o", "half"], ["foreground"]),  # a name that the wrapper wants for itself
        node("Mul", ["foreground", "downsample_ratio"], ["pha"]),
        node("Add", ["r2i", "one"], ["r2o"]),
        node("Sub", ["one", "src"], ["fgr"]),
        node("Identity", ["grey"], ["side"]),
    ]
    constants = [
        numpy_helper.from_array(np.array(value, np.float32), name)
        for name, value in (("zero", 0), ("half", 0.5), ("one", 1))
    ]

    def end(name: str, *shape: int | str) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    sides = ("c", "h", "w")
    graph = helper.make_graph(
        nodes,
        "recurrent",
        [
            end("src", 1, 3, "H", "W"),
            end("r1i", 1, *sides),
            end("r2i", 1, *sides),
            end("downsample_ratio", 1),
        ],
        [end(name, 1, *sides) for name in ("fgr", "pha", "r1o", "r2o", "side")],
        constants,
    )
    opset = helper.make_opsetid("", 12)
    model = helper.make_model(graph, opset_imports=[opset], ir_version=7)
    onnx.checker.check_model(model, full_check=True)
    data: bytes = model.SerializeToString()
    return data


@dataclass
class Expected:
    """The same in numpy, picture by picture."""

    grey: NDArray[np.float64] = field(default_factory=lambda: np.zeros((1, 1)))

    def alpha(self, rgb: NDArray[np.uint8], ratio: float) -> NDArray[np.float64]:
        """Of the next picture (H, W, 3)."""
        self.grey = self.grey / 2 + rgb.mean(axis=2) / 255
        return self.grey / 2 * ratio


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
