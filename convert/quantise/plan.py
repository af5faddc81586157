"""Which convolutions of a graph become integers, and which tensors then carry Q/DQ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from convert.quantise.scheme import Scheme

if TYPE_CHECKING:
    from onnx import GraphProto, NodeProto

SAME = {"MaxPool", "Resize"}  # give what they take: they share its range
JOINING = {"Concat", "Add"}
BOUNDED = {"Relu", "Clip"}


@dataclass(frozen=True, slots=True)
class Plan:
    """
    Attributes:
        convolutions: names of those computed in integers, in graph order.
        tensors: those that get Q/DQ -> the tensor whose range they have.
    """

    convolutions: tuple[str, ...]
    tensors: dict[str, str]


def name_of(node: NodeProto) -> str:
    """A node's own name; a published graph may have none, but its output's name is unique."""
    return str(node.name or node.output[0])


def plan(graph: GraphProto, scheme: Scheme, kept: Collection[str] = ()) -> Plan:
    """
    Plan for all convolutions between ReLUs, except the ``kept``.

    A convolution stays float if its weight is computed, if it reads the normalised picture, or if
    its output meets anything but a ReLU: such values have no range to speak of.
    """
    readers = _readers(graph)
    ranges = _ranges(graph)
    constants = {tensor.name for tensor in graph.initializer}
    chosen = [
        node
        for node in graph.node
        if node.op_type == "Conv"
        and name_of(node) not in kept
        and node.input[0] in ranges
        and all(name in constants for name in node.input[1:] if name)
        and {reader.op_type for reader in readers[node.output[0]]} <= BOUNDED
        and readers[node.output[0]]
    ]
    reached = {node.input[0] for node in chosen}
    if scheme.everywhere:
        for node in reversed(graph.node):  # backwards, along what passes integers on
            if node.op_type in SAME | JOINING and node.output[0] in reached:
                reached.update(name for name in node.input if name in ranges)
    return Plan(
        tuple(name_of(node) for node in chosen),
        {name: ranges[name] for name in ranges if name in reached},
    )


def _ranges(graph: GraphProto) -> dict[str, str]:
    """Tensors that can be quantised -> the one whose range they have; in graph order."""
    found: dict[str, str] = {}
    for node in graph.node:
        output = node.output[0]
        if node.op_type in BOUNDED or (
            node.op_type in JOINING and all(name in found for name in node.input)
        ):
            found[output] = output
        elif node.op_type in SAME and node.input[0] in found:
            found[output] = found[node.input[0]]
    return found


def _readers(graph: GraphProto) -> dict[str, list[NodeProto]]:
    found: dict[str, list[NodeProto]] = defaultdict(list)
    for node in graph.node:
        for name in node.input:
            found[name].append(node)
    return found
