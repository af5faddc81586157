"""
A published ONNX network -> the project's graph: ``rgb`` uint8 in, ``alpha`` in [0, 1] out.

The published networks want normalised NCHW floats, each in its own way. Here that becomes part of
the graph, so nobody who runs the file can get it wrong. Nothing depends on the picture's content:
no division by the input's own maximum, no stretch of the output, which flicker on live video.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, ConfigDict

from edge.errors import ModelError, ModelMismatch

if TYPE_CHECKING:
    from onnx import GraphProto, ModelProto, NodeProto

VERSION = 1  # raise it when ``wrap`` makes other bytes: files in caches are then made anew

INPUT, OUTPUT = "rgb", "alpha"
_OURS = ("rgb_float", "rgb_planes", "rgb_scale", "rgb_scaled", "rgb_offset", "normalised")


class Recipe(BaseModel):
    """
    How a published network is fed, and which of its outputs is the alpha.

    Attributes:
        input, output: tensor names; ``input`` is (1, 3, H, W) float32, ``output`` (1, 1, H, W).
        mean, std: per channel R, G, B, for x in [0, 255]: the network is fed (x - mean) / std.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: str
    output: str
    mean: tuple[float, float, float]
    std: tuple[float, float, float]


def step(recipe: Recipe, size: tuple[int, int]) -> str:
    """A name for what ``wrap`` does with these: files of one origin and step are the same."""
    digest = hashlib.sha256(f"{recipe.model_dump_json()} {size}".encode()).hexdigest()
    return f"edge.zoo.wrapping {VERSION} {digest[:12]}"


def wrap(published: bytes, recipe: Recipe, size: tuple[int, int]) -> bytes:
    """
    Add the pre-processing to a network, fix its input size, drop its other outputs.

    The same bytes in give the same bytes out.

    Args:
        published: an ONNX file.
        recipe: how it is fed.
        size: (width, height) of the input.

    Returns:
        An ONNX file: ``rgb`` (1, height, width, 3) uint8 to ``alpha`` (1, 1, height, width)
        float32 in [0, 1].

    Raises:
        ModelMismatch: not an ONNX network, or not one with such an input and output.
        ModelError: the onnx package is missing.
    """
    try:
        import onnx
    except ImportError as error:
        raise ModelError("preparing a model needs onnx: pip install onnx") from error
    try:
        onnx.checker.check_model(published)
    except (onnx.checker.ValidationError, ValueError) as error:  # ValueError: not even protobuf
        raise ModelMismatch(f"not a valid ONNX file: {error}") from error
    model = onnx.load_from_string(published)
    _check_ends(model.graph, recipe)
    _rename(model.graph, {recipe.input: "normalised", recipe.output: OUTPUT})
    _keep_output(model.graph)
    _prepend(model, recipe, size)
    model.producer_name, model.doc_string = "edge.zoo.wrapping", ""
    try:
        onnx.checker.check_model(model)
    except onnx.checker.ValidationError as error:
        raise ModelMismatch(f"the wrapped graph is not valid ONNX: {error}") from error
    made: bytes = model.SerializeToString(deterministic=True)
    return made


def _check_ends(graph: GraphProto, recipe: Recipe) -> None:
    constants = {tensor.name for tensor in graph.initializer}
    inputs = [value.name for value in graph.input if value.name not in constants]
    outputs = [value.name for value in graph.output]
    if inputs != [recipe.input] or recipe.output not in outputs:
        raise ModelMismatch(
            f"the network has inputs {inputs} and outputs {outputs}; wanted the one input "
            f"{recipe.input!r} and among the outputs {recipe.output!r}"
        )


def _rename(graph: GraphProto, names: dict[str, str]) -> None:
    """Rename tensors; whatever bore one of our names before gets an underscore in front."""
    full = {name: "_" + name for name in (INPUT, OUTPUT, *_OURS)} | names
    for node in _nodes(graph):
        node.input[:] = [full.get(name, name) for name in node.input]
        node.output[:] = [full.get(name, name) for name in node.output]
    for part in _graphs(graph):
        for tensor in (*part.initializer, *part.input, *part.output):
            tensor.name = full.get(tensor.name, tensor.name)


def _keep_output(graph: GraphProto) -> None:
    """Drop the other outputs, and all nodes and constants that only they need."""
    needed = {OUTPUT}
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


def _prepend(model: ModelProto, recipe: Recipe, size: tuple[int, int]) -> None:
    """rgb -> Cast -> Transpose -> Mul -> Add -> the network."""
    from onnx import TensorProto, helper, numpy_helper

    width, height = size
    graph = model.graph
    std = np.array(recipe.std, np.float64).reshape(1, 3, 1, 1)
    mean = np.array(recipe.mean, np.float64).reshape(1, 3, 1, 1)
    graph.initializer.extend(
        [
            numpy_helper.from_array((1 / std).astype(np.float32), "rgb_scale"),
            numpy_helper.from_array((-mean / std).astype(np.float32), "rgb_offset"),
        ]
    )
    nodes = [  # Cast comes first: TensorRT takes uint8 nowhere but right before one
        helper.make_node("Cast", [INPUT], ["rgb_float"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["rgb_float"], ["rgb_planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Mul", ["rgb_planes", "rgb_scale"], ["rgb_scaled"]),
        helper.make_node("Add", ["rgb_scaled", "rgb_offset"], ["normalised"]),
        *graph.node,
    ]
    del graph.node[:]
    graph.node.extend(nodes)
    rgb, alpha = [1, height, width, 3], [1, 1, height, width]
    graph.input.append(helper.make_tensor_value_info(INPUT, TensorProto.UINT8, rgb))
    graph.output.append(helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, alpha))
