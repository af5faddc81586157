"""Changing an ONNX graph in place: other names, fewer outputs. Needs no onnx itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from onnx import GraphProto, NodeProto


def rename(graph: GraphProto, names: dict[str, str], ours: Iterable[str]) -> None:
    """Rename tensors; whatever bore one of ``ours`` before gets an underscore in front."""
    full = {name: "_" + name for name in ours} | names
    for node in _nodes(graph):
        node.input[:] = [full.get(name, name) for name in node.input]
        node.output[:] = [full.get(name, name) for name in node.output]
    for part in _graphs(graph):
        for tensor in (*part.initializer, *part.input, *part.output):
            tensor.name = full.get(tensor.name, tensor.name)


def keep_outputs(graph: GraphProto, outputs: Iterable[str]) -> None:
    """Drop all that ``outputs`` do not need: nodes, constants; and all inputs and outputs."""
    needed = set(outputs)
    kept: list[NodeProto] = []
    for node in reversed(graph.node):  # ONNX orders nodes: each after those it reads
        if needed.intersection(node.output):
            kept.append(node)
            needed.update(node.input)
            for inner in _inner_graphs(node):  # these may read any tensor from outside
                needed.update(name for n in _nodes(inner) for name in n.input)
                needed.update(value.name for g in _graphs(inner) for value in g.output)
    constants = [tensor for tensor in graph.initializer if tensor.name in needed]
    del graph.node[:], graph.initializer[:], graph.output[:], graph.input[:], graph.value_info[:]
    graph.node.extend(reversed(kept))
    graph.initializer.extend(constants)


def _inner_graphs(node: NodeProto) -> list[GraphProto]:
    """The bodies of an If, Loop or Scan; none for other nodes."""
    return [
        graph
        for attribute in node.attribute
        for graph in ((attribute.g,) if attribute.HasField("g") else attribute.graphs)
    ]


def _graphs(graph: GraphProto) -> Iterator[GraphProto]:
    """``graph`` and all graphs inside it."""
    yield graph
    for node in graph.node:
        for inner in _inner_graphs(node):
            yield from _graphs(inner)


def _nodes(graph: GraphProto) -> Iterator[NodeProto]:
    """The nodes of ``graph`` and of all graphs inside it."""
    for part in _graphs(graph):
        yield from part.node
