"""Where tuning starts: what plain post-training quantisation makes of the graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from convert.errors import UnsupportedOperation
from convert.quantise.observe import Seen, observe
from convert.quantise.plan import Plan, plan
from convert.quantise.qdq import Convolution as Rounded
from convert.quantise.qdq import insert
from convert.quantise.rounding import choose_steps, correct_bias, round_weights
from convert.quantise.scheme import Scheme
from convert.session import Picture
from train.quantise.convolution import numbers
from train.quantise.graph import Graph

if TYPE_CHECKING:
    from onnx import ModelProto


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """
    Attributes:
        model: fp32, what the student is to equal.
        graph: the student: rounds where Q/DQ will be, its biases corrected.
        planned: which convolutions and tensors that are.
    """

    model: ModelProto
    graph: Graph
    planned: Plan
    scheme: Scheme

    def written(self) -> ModelProto:
        """The int8 graph: weights, biases and scales as they are now; what is float is as given."""
        steps = self.graph.steps()
        parts = self.graph.convolutions()
        convolutions = {}
        for name in self.planned.convolutions:
            weight, bias = numbers(parts[name])
            read = parts[name].inputs
            if read is not None:
                convolutions[name] = Rounded(round_weights(weight, bias, read.steps()), bias)
        return insert(self.model, self.scheme, steps, convolutions)


def ready(model: ModelProto, pictures: Sequence[Picture], scheme: Scheme) -> Ready:
    """
    Plan the integers of an fp32 graph and observe its ranges.

    Args:
        pictures: real ones, of the graph's input size.

    Raises:
        UnsupportedOperation: nothing to quantise, quantised already, or a node that cannot be
            tuned.
        ConversionError: no pictures, or the graph does not run on them.
    """
    if any(node.op_type in ("QuantizeLinear", "DequantizeLinear") for node in model.graph.node):
        raise UnsupportedOperation("the graph is quantised already; wanted fp32")
    planned = plan(model.graph, scheme)
    if not planned.convolutions:
        raise UnsupportedOperation("no convolution between ReLUs: nothing to compute in int8")
    graph = Graph(model)
    inputs = {n.name or n.output[0]: n.input[0] for n in model.graph.node if n.op_type == "Conv"}
    watched = set(planned.tensors.values()) | {inputs[name] for name in planned.convolutions}
    seen = observe(model, sorted(watched), pictures)
    tensors = {
        name: (source, choose_steps(seen[source], scheme))
        for name, source in planned.tensors.items()
    }
    power = {n: torch.from_numpy(seen[inputs[n]].square) for n in planned.convolutions}
    graph.quantise(tensors, power, scheme)
    _correct(graph, planned, {name: seen[inputs[name]] for name in planned.convolutions})
    return Ready(model, graph, planned, scheme)


@torch.no_grad()
def _correct(graph: Graph, planned: Plan, seen: Mapping[str, Seen]) -> None:
    """Take back, from the biases, what rounding moves on average."""
    parts = graph.convolutions()
    for name in planned.convolutions:
        part = parts[name]
        if part.inputs is not None:
            weight, bias = numbers(part)
            rounded = round_weights(weight, bias, part.inputs.steps())
            part.given_bias.copy_(torch.from_numpy(correct_bias(bias, rounded, seen[name].mean)))
