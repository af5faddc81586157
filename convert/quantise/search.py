"""The whole way from fp32 to int8, and how many convolutions must stay behind."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from convert.errors import ConversionError, ParityError, UnsupportedOperation
from convert.graph import serialise
from convert.quantise.observe import Seen, observe
from convert.quantise.plan import Plan, name_of, plan
from convert.quantise.qdq import Convolution, insert
from convert.quantise.rounding import (
    Steps,
    Weights,
    choose_steps,
    correct_bias,
    noise,
    round_weights,
)
from convert.quantise.scheme import CPU, Scheme
from convert.session import Picture, session
from edge.parity import Difference, difference, together

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto

logger = logging.getLogger(__name__)

GOAL = 0.006  # mean difference of alpha to fp32, on held-out pictures; the limit is 0.010
HELD_OUT = 4  # every fourth picture judges, the others calibrate


@dataclass(frozen=True, slots=True)
class Quantised:
    """
    Attributes:
        integers: the convolutions computed in integers.
        floats: those that stay float, graph order.
        overall: how far alpha is from that of fp32, on the held-out pictures.
        judged: how many these are.
    """

    model: ModelProto
    integers: tuple[str, ...]
    floats: tuple[str, ...]
    overall: Difference
    judged: int


def quantise(
    model: ModelProto, pictures: Sequence[Picture], scheme: Scheme = CPU, goal: float = GOAL
) -> Quantised:
    """
    An int8 form of a graph that ``convert.export`` or ``edge.wrap`` made; that one stays as it is.

    While it misses ``goal``, the convolutions that lose most by rounding stay float: 1, 2, 4, ...

    Args:
        pictures: of the graph's input size, real ones; at least ``HELD_OUT``. Same pictures, same
            bytes.

    Raises:
        UnsupportedOperation: the graph is quantised already, or has nothing to quantise.
        ConversionError: too few pictures, or the graph does not run.
        ParityError: the goal cannot be reached.
    """
    if len(pictures) < HELD_OUT:
        raise ConversionError(f"{len(pictures)} pictures; wanted {HELD_OUT} or more, better 48")
    work = _Work(model, pictures, scheme)
    worst = work.ranked()
    count = 0
    while True:
        made, planned = work.make(worst[:count])
        overall = work.compared(made)
        logger.info("%d convolutions kept in float: mean difference %.4f", count, overall.mean)
        if overall.mean <= goal:
            floats = tuple(name for name in work.names if name not in planned.convolutions)
            return Quantised(made, planned.convolutions, floats, overall, work.judges)
        if count >= len(worst) // 2:
            what = (
                f"mean difference of alpha, int8 to fp32, with {count} of {len(worst)} "
                "convolutions in float (use fp16 or bf16, or train with quantisation in mind)"
            )
            raise ParityError(what, overall.mean, goal)
        count = max(1, 2 * count)


class _Work:
    def __init__(self, model: ModelProto, pictures: Sequence[Picture], scheme: Scheme) -> None:
        from onnx import numpy_helper

        graph = model.graph
        if any(node.op_type in ("QuantizeLinear", "DequantizeLinear") for node in graph.node):
            raise UnsupportedOperation("the graph is quantised already; wanted fp32")
        self._model, self._scheme = model, scheme
        self._convs = {name_of(node): node for node in graph.node if node.op_type == "Conv"}
        self.names = tuple(self._convs)
        self._full = plan(graph, scheme)
        if not self._full.convolutions:
            raise UnsupportedOperation(
                "no convolution between ReLUs, with constant weights: nothing to compute in int8"
            )
        self._constants = {t.name: numpy_helper.to_array(t) for t in graph.initializer}
        self._judging = list(pictures[::HELD_OUT])
        self.judges = len(self._judging)
        calibrating = [p for i, p in enumerate(pictures) if i % HELD_OUT]
        sources = set(self._full.tensors.values())
        sources |= {self._convs[name].input[0] for name in self._full.convolutions}
        self._seen: dict[str, Seen] = observe(model, sorted(sources), calibrating)
        self._steps: dict[str, Steps] = {
            name: choose_steps(self._seen[name], scheme) for name in sorted(sources)
        }
        running = session(serialise(model))
        self._wanted = [running.alpha(picture) for picture in self._judging]

    def ranked(self) -> list[str]:
        """The convolutions, those first whose outputs hold the most noise for their signal."""
        return sorted(self._full.convolutions, key=self._loss, reverse=True)

    def make(self, kept: Sequence[str]) -> tuple[ModelProto, Plan]:
        """The graph with all but ``kept`` in integers."""
        planned = plan(self._model.graph, self._scheme, frozenset(kept))
        steps = {name: self._steps[source] for name, source in planned.tensors.items()}
        convolutions = {name: self._convolution(name) for name in planned.convolutions}
        return insert(self._model, self._scheme, steps, convolutions), planned

    def compared(self, made: ModelProto) -> Difference:
        """How far the graph is from fp32, on the held-out pictures."""
        running = session(serialise(made))
        pairs = zip(self._judging, self._wanted, strict=True)
        return together([difference(running.alpha(one), wanted) for one, wanted in pairs])

    def _convolution(self, name: str) -> Convolution:
        node = self._convs[name]
        rounded = self._rounded(node)
        inputs = self._seen[node.input[0]].mean
        return Convolution(rounded, correct_bias(self._bias(node), rounded, inputs))

    def _rounded(self, node: NodeProto) -> Weights:
        return round_weights(self._weight(node), self._bias(node), self._steps[self._source(node)])

    def _loss(self, name: str) -> float:
        node = self._convs[name]
        weight, inputs = self._weight(node), self._seen[node.input[0]]
        rounded = self._rounded(node)
        added = noise(weight, rounded, inputs, self._steps[self._source(node)])
        signal = float(
            (weight.astype(np.float64) ** 2).sum((1, 2, 3)).mean() * inputs.variance.mean()
        )
        return added / max(signal, 1e-12)

    def _source(self, node: NodeProto) -> str:
        return self._full.tensors[node.input[0]]

    def _weight(self, node: NodeProto) -> NDArray[np.float32]:
        return np.asarray(self._constants[node.input[1]], np.float32)

    def _bias(self, node: NodeProto) -> NDArray[np.float32]:
        if len(node.input) > 2 and node.input[2]:
            return np.asarray(self._constants[node.input[2]], np.float32)
        return np.zeros(len(self._weight(node)), np.float32)
