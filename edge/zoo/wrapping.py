"""
A published ONNX network -> the project's graph: ``rgb`` uint8 in, ``alpha`` in [0, 1] out.

The published networks want normalised NCHW floats, each in its own way. Here that becomes part of
the graph, so nobody who runs the file can get it wrong. Nothing depends on the picture's content:
no division by the input's own maximum, no stretch of the output, which flicker on live video.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import numpy as np
from pydantic import BaseModel, ConfigDict

from edge.errors import ModelError, ModelMismatch
from edge.zoo.graphs import keep_outputs, rename
from edge.zoo.memory import Memory

if TYPE_CHECKING:
    from onnx import GraphProto

VERSION = 1  # raise it when ``wrap`` makes other bytes: files in caches are then made anew

INPUT, OUTPUT, FOREGROUND = "rgb", "alpha", "foreground"
_PICTURE = ("rgb_float", "rgb_planes", "rgb_scale", "rgb_scaled", "rgb_offset", "normalised")
_COLOURS = (
    *("colours", "colours_scale", "colours_scaled"),
    *("colours_half", "colours_rounded", "colours_bytes"),
)


class Recipe(BaseModel):
    """
    How a published network is fed, and which of its outputs is the alpha.

    Attributes:
        input, output: tensor names; ``input`` is (1, 3, H, W) float32, ``output`` (1, 1, H, W).
        mean, std: per channel R, G, B, for x in [0, 255]: the network is fed (x - mean) / std.
        memory: its other ends, if it is recurrent.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    input: str
    output: str
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    memory: Memory | None = None


def step(recipe: Recipe, size: tuple[int, int]) -> str:
    """A name for what ``wrap`` does with these: files of one origin and step are the same."""
    told = recipe.model_dump_json(exclude_defaults=True)
    digest = hashlib.sha256(f"{told} {size}".encode()).hexdigest()
    return f"edge.zoo.wrapping {VERSION} {digest[:12]}"


def wrap(published: bytes, recipe: Recipe, size: tuple[int, int]) -> bytes:
    """
    Add the pre-processing to a network, fix its input size, drop its other outputs.

    The same bytes in give the same bytes out.

    Args:
        published: an ONNX file.
        recipe: how it is fed.
        size: (width, height) of the input; a recurrent network's stays open.

    Returns:
        An ONNX file: ``rgb`` (1, height, width, 3) uint8 to ``alpha`` (1, 1, height, width)
        float32 in [0, 1]. A recurrent one keeps its states and ratio by their own names, and gives
        ``foreground`` (1, height, width, 3) uint8 if it estimates that.

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
    names = {recipe.input: "normalised", recipe.output: OUTPUT}
    memory = recipe.memory
    if memory is None:
        rename(model.graph, names, (INPUT, OUTPUT, *_PICTURE))
        keep_outputs(model.graph, [OUTPUT])
    else:
        if memory.foreground:
            names[memory.foreground] = "colours"
        rename(model.graph, names, (INPUT, OUTPUT, FOREGROUND, *_PICTURE, *_COLOURS))
        keep_outputs(model.graph, [OUTPUT, *(names.get(n, n) for n in memory.outputs)])
    _prepend(model.graph, recipe)
    _declare(model.graph, recipe, size)
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
    memory = recipe.memory
    taken = [recipe.input, *(memory.inputs if memory else ())]
    given = [recipe.output, *(memory.outputs if memory else ())]
    if sorted(inputs) != sorted(taken) or not set(given) <= set(outputs):
        raise ModelMismatch(
            f"the network has inputs {inputs} and outputs {outputs}; wanted the inputs {taken} "
            f"and no other, and among the outputs {given}"
        )


def _prepend(graph: GraphProto, recipe: Recipe) -> None:
    """rgb -> Cast -> Transpose -> Mul -> Add -> the network."""
    from onnx import TensorProto, helper, numpy_helper

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


def _declare(graph: GraphProto, recipe: Recipe, size: tuple[int, int]) -> None:
    """Name the graph's inputs and outputs, of which ``keep_outputs`` left none."""
    from onnx import TensorProto, helper

    memory, end = recipe.memory, helper.make_tensor_value_info
    width, height = ("width", "height") if memory else size
    graph.input.append(end(INPUT, TensorProto.UINT8, [1, height, width, 3]))
    graph.output.append(end(OUTPUT, TensorProto.FLOAT, [1, 1, height, width]))
    if memory is None:
        return
    if memory.foreground:
        _append_foreground(graph)
        graph.output.append(end(FOREGROUND, TensorProto.UINT8, [1, height, width, 3]))
    for state in memory.states:
        for ends, name in ((graph.input, state.input), (graph.output, state.output)):
            shape = [1] + [f"{name}_{axis}" for axis in ("channels", "height", "width")]
            ends.append(end(name, TensorProto.FLOAT, shape))
    if memory.ratio:
        graph.input.append(end(memory.ratio, TensorProto.FLOAT, [1]))


def _append_foreground(graph: GraphProto) -> None:
    """The network -> Mul -> Add -> Cast, which cuts off, -> Transpose -> foreground."""
    from onnx import TensorProto, helper, numpy_helper

    scale, half = np.array([255], np.float32), np.array([0.5], np.float32)
    graph.initializer.extend(
        [
            numpy_helper.from_array(scale, "colours_scale"),
            numpy_helper.from_array(half, "colours_half"),
        ]
    )
    graph.node.extend(
        [
            helper.make_node("Mul", ["colours", "colours_scale"], ["colours_scaled"]),
            helper.make_node("Add", ["colours_scaled", "colours_half"], ["colours_rounded"]),
            helper.make_node("Cast", ["colours_rounded"], ["colours_bytes"], to=TensorProto.UINT8),
            helper.make_node("Transpose", ["colours_bytes"], [FOREGROUND], perm=[0, 2, 3, 1]),
        ]
    )
