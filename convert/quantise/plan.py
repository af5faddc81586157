"""Which convolutions of a graph become integers, and which tensors then carry Q/DQ."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from convert.quantise.scheme import Scheme

if TYPE_CHECKING:
    from onnx import GraphProto, NodeProto

SAME = {"MaxPool", "Resize", "Reshape", "Transpose"}  # give what they take: they share its range
JOINING = {"Concat", "Add"}
BOUNDED = {"Relu", "Clip"}
PIXELS = {"Cast", "Transpose", "Mul", "Add"}  # make normalised planes of a picture's bytes


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
    Plan for all convolutions whose input has a range, except the ``kept``.

    A convolution stays float if its weight is computed. Where integers go ``everywhere``, so do the
    normalised picture and what no ReLU bounds, such as side maps: their range is what was seen.
    Elsewhere a convolution that reads the one or gives the other stays float.
    """
    readers = _readers(graph)
    ends = _ends(graph, readers) if scheme.everywhere else frozenset()
    ranges = _ranges(graph, ends)
    constants = {tensor.name for tensor in graph.initializer}
    chosen = [
        node
        for node in graph.node
        if node.op_type == "Conv"
        and name_of(node) not in kept
        and node.input[0] in ranges
        and all(name in constants for name in node.input[1:] if name)
        and (node.output[0] in ends or _bounded(readers[node.output[0]]))
    ]
    reached = {node.input[0] for node in chosen}
    if scheme.everywhere:
        reached.update(node.output[0] for node in chosen if node.output[0] in ends)
        for node in reversed(graph.node):  # backwards, along what passes integers on
            if node.op_type in SAME | JOINING and node.output[0] in reached:
                reached.update(name for name in node.input if name in ranges)
    return Plan(
        tuple(name_of(node) for node in chosen),
        {name: ranges[name] for name in ranges if name in reached},
    )


def _ends(graph: GraphProto, readers: Mapping[str, list[NodeProto]]) -> frozenset[str]:
    """The normalised picture, and the outputs of convolutions that meet something but a ReLU."""
    constants = {tensor.name for tensor in graph.initializer}
    pixels = {value.name for value in graph.input}
    for node in graph.node:
        if node.op_type in PIXELS and pixels & set(node.input):
            pixels.update(node.output if {*node.input} <= pixels | constants else ())
    planes = {
        name
        for name in pixels
        if readers[name] and not any({*reader.output} <= pixels for reader in readers[name])
    }
    unbounded = {
        node.output[0]
        for node in graph.node
        if node.op_type == "Conv"
        and any(reader.op_type not in BOUNDED for reader in readers[node.output[0]])
    }
    return frozenset(planes | unbounded)


def _bounded(readers: Sequence[NodeProto]) -> bool:
    """Whether a tensor is read, and only by what bounds it."""
    return bool(readers) and all(reader.op_type in BOUNDED for reader in readers)


def _ranges(graph: GraphProto, ends: Collection[str]) -> dict[str, str]:
    """Tensors that can be quantised -> the one whose range they have; in graph order."""
    found: dict[str, str] = {}
    for node in graph.node:
        output = node.output[0]
        if (
            node.op_type in BOUNDED
            or output in ends
            or (node.op_type in JOINING and all(name in found for name in node.input))
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
