"""An exported graph as a PyTorch module, node by node: tuned in the form in which it is shipped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from convert.errors import UnsupportedOperation
from convert.graph import INPUT, OUTPUT
from convert.quantise.plan import name_of
from convert.quantise.rounding import Steps
from convert.quantise.scheme import Scheme
from train.quantise.convolution import Convolution
from train.quantise.fake import Activation
from train.quantise.operators import OPERATORS, Operator

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto


@dataclass(frozen=True, slots=True)
class _Step:
    """A node: what it does, what it reads and gives, and what nobody reads after it."""

    inputs: tuple[str, ...]
    output: str
    operator: Operator | Convolution
    given: Mapping[str, Any]
    done: tuple[str, ...]
    convolution: str | None = None


class Graph(nn.Module):
    """
    (N, H, W, 3) uint8 RGB to the logits of alpha, (N, 1, H, W).

    Args:
        model: fp32, as ``convert.export`` or ``edge.zoo.wrapping`` makes it; it stays as it is.

    Raises:
        UnsupportedOperation: a node that PyTorch is not told of here, or no sigmoid at the end.
    """

    def __init__(self, model: ModelProto) -> None:
        super().__init__()
        from onnx import numpy_helper

        graph = model.graph
        self._constants = {
            t.name: torch.from_numpy(np.array(numpy_helper.to_array(t))) for t in graph.initializer
        }
        self._constants[""] = torch.empty(0)  # an input that is left out
        nodes = list(graph.node)
        if nodes[-1].op_type != "Sigmoid" or nodes[-1].output[0] != OUTPUT:
            raise UnsupportedOperation(f"{nodes[-1].op_type} ends the graph; wanted a Sigmoid")
        self._logits = nodes[-1].input[0]
        made = {name for node in nodes for name in node.output}
        last = {n: i for i, node in enumerate(nodes) for n in node.input if n in made}
        self._steps = [
            self._step(node, tuple({n for n in node.input if last.get(n) == i}))
            for i, node in enumerate(nodes[:-1])
        ]
        named = {s.convolution: s.operator for s in self._steps if s.convolution is not None}
        self._names = list(named)
        self._convolutions = nn.ModuleList(
            part for part in named.values() if isinstance(part, Convolution)
        )
        self._rounded: dict[str, Activation] = {}
        self._activations = nn.ModuleList()

    def convolutions(self) -> dict[str, Convolution]:
        """By the names that ``convert.quantise.plan`` gives them, in graph order."""
        return {
            name: part
            for name, part in zip(self._names, self._convolutions, strict=True)
            if isinstance(part, Convolution)
        }

    def steps(self) -> dict[str, Steps]:
        """The scale and zero point of each tensor that is rounded."""
        return {name: each.steps() for name, each in self._rounded.items()}

    def quantise(
        self,
        tensors: Mapping[str, tuple[str, Steps]],
        integers: Mapping[str, Tensor],
        scheme: Scheme,
    ) -> None:
        """
        Round from now on as Q/DQ nodes do.

        Args:
            tensors: each that carries Q/DQ -> the tensor whose range it shares, and its steps.
            integers: the convolutions that compute in integers, and learn -> the mean square of
                each of their input channels.
        """
        shared: dict[str, Activation] = {}
        for name, (source, steps) in tensors.items():
            self._rounded[name] = shared.setdefault(source, Activation(steps, scheme))
        self._activations = nn.ModuleList(shared.values())
        reads = {s.convolution: s.inputs[0] for s in self._steps}
        for name, part in self.convolutions().items():
            if name in integers:
                part.learn(self._rounded[reads[name]], integers[name])

    def forward(self, rgb: Tensor) -> Tensor:
        values: dict[str, Tensor] = {**self._constants_on(rgb.device), INPUT: rgb}
        rounded: dict[str, Tensor] = {}
        for step in self._steps:
            if isinstance(step.operator, Convolution):
                name = step.inputs[0]
                read = values if step.operator.inputs is None else rounded
                made = step.operator(read[name])
            else:
                made = step.operator([rounded.get(n, values[n]) for n in step.inputs], step.given)
            for name in step.done:
                del values[name]
                rounded.pop(name, None)
            values[step.output] = made
            if step.output in self._rounded:
                rounded[step.output] = self._rounded[step.output](made)
        return rounded.get(self._logits, values[self._logits])

    def _constants_on(self, device: torch.device) -> dict[str, Tensor]:
        """Floats go where the pictures are; sizes and scales stay, for they are read as numbers."""
        return {
            name: value.to(device) if value.ndim > 1 else value
            for name, value in self._constants.items()
        }

    def _step(self, node: NodeProto, done: tuple[str, ...]) -> _Step:
        from onnx import helper

        given = {a.name: helper.get_attribute_value(a) for a in node.attribute}
        inputs, output = tuple(node.input), node.output[0]
        if node.op_type == "Conv":
            weight = self._constants.pop(inputs[1])
            given_bias = self._constants.pop(inputs[2]) if len(inputs) > 2 else None
            bias = torch.zeros(len(weight)) if given_bias is None else given_bias
            part = Convolution(weight, bias, given)
            return _Step(inputs[:1], output, part, given, done, name_of(node))
        if node.op_type not in OPERATORS or len(node.output) > 1:
            known = ", ".join(["Conv", *OPERATORS])
            raise UnsupportedOperation(f"{node.op_type}: cannot be tuned; known are {known}")
        return _Step(inputs, output, OPERATORS[node.op_type], given, done)
