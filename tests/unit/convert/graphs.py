"""Small graphs as ``convert.export`` makes them, and their cards: rgb uint8 in, alpha out."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from edge.zoo.card import Card, Licence, ModelInput, Origin
from edge.zoo.card_file import card_path

WIDTH, HEIGHT = 48, 32
CHANNELS = 8
GIVEN = ModelInput(width=WIDTH, height=HEIGHT, fit="stretch", interpolation="linear")


def graph(steady: float = 0.0, seed: int = 0) -> ModelProto:
    """
    Four convolutions, a pooled branch that is enlarged and joined, a sum, and a side map.

    Args:
        steady: one channel of ``inner`` is this everywhere, and a convolution takes it for a
            second bias, with weights far above all others: what ruins U2NETP in plain int8.
    """
    draw = np.random.default_rng(seed)
    constants: dict[str, NDArray[np.float32]] = {
        "scale": np.full((1, 3, 1, 1), 1 / 60, np.float32),
        "offset": np.full((1, 3, 1, 1), -2, np.float32),
        "double": np.array([1, 1, 2, 2], np.float32),
    }
    nodes: list[NodeProto] = []

    def add(kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        name = output if kind == "Conv" else f"{kind}_{output}"
        nodes.append(helper.make_node(kind, inputs, [output], name=name, **attributes))
        return output

    def conv(source: str, output: str, taken: int, given: int, relu: bool = True) -> str:
        weight = draw.normal(0, (2 / (9 * taken)) ** 0.5, (given, taken, 3, 3))
        constants[f"{output}.weight"] = weight.astype(np.float32)
        constants[f"{output}.bias"] = draw.normal(0, 0.1, given).astype(np.float32)
        ends = [source, f"{output}.weight", f"{output}.bias"]
        add("Conv", ends, output, kernel_shape=[3, 3], pads=[1, 1, 1, 1])
        return add("Relu", [output], f"{output}_relu") if relu else output

    add("Cast", ["rgb"], "float", to=TensorProto.FLOAT)
    add("Transpose", ["float"], "planes", perm=[0, 3, 1, 2])
    add("Mul", ["planes", "scale"], "scaled")
    add("Add", ["scaled", "offset"], "normalised")
    first = conv("normalised", "first", 3, CHANNELS)
    inner = conv(first, "inner", CHANNELS, CHANNELS)
    small = add("MaxPool", [inner], "small", kernel_shape=[2, 2], strides=[2, 2])
    deep = conv(small, "deep", CHANNELS, CHANNELS)
    large = add("Resize", [deep, "", "double"], "large", mode="linear")
    joined = add("Concat", [large, inner], "joined", axis=1)
    last = conv(joined, "last", 2 * CHANNELS, CHANNELS)
    summed = add("Add", [last, first], "summed")
    side = conv(summed, "side", CHANNELS, 1, relu=False)
    add("Sigmoid", [side], "alpha")
    if steady:
        _make_steady(constants, steady)
    picture = helper.make_tensor_value_info("rgb", TensorProto.UINT8, [1, HEIGHT, WIDTH, 3])
    alpha = helper.make_tensor_value_info("alpha", TensorProto.FLOAT, [1, 1, HEIGHT, WIDTH])
    body = helper.make_graph(
        nodes,
        "matte",
        [picture],
        [alpha],
        [numpy_helper.from_array(v, k) for k, v in constants.items()],
    )
    made = helper.make_model(body, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(made, full_check=True)
    return made


def _make_steady(constants: dict[str, NDArray[np.float32]], value: float) -> None:
    constants["inner.weight"][0] = 0
    constants["inner.bias"][0] = value
    weight = constants["last.weight"]
    taps = np.random.default_rng(1).normal(0, 1, (CHANNELS, 3, 3))
    weight[:, CHANNELS] = taps  # this channel of ``inner`` lies behind those of ``large``
    taken = (value * taps.sum((1, 2))).astype(np.float32)
    constants["last.bias"] = constants["last.bias"] - taken


def pictures(count: int = 8, seed: int = 5) -> list[NDArray[np.uint8]]:
    """Each (1, HEIGHT, WIDTH, 3): blobs with some noise."""
    draw = np.random.default_rng(seed)
    made = []
    for _ in range(count):
        coarse = draw.integers(0, 256, (4, 6, 3), dtype=np.uint8)
        blobs = cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
        noise = draw.integers(0, 9, blobs.shape)
        made.append((blobs + noise).clip(0, 255).astype(np.uint8)[None])
    return made


def put(folder: Path, model: ModelProto, name: str = "small", **changes: object) -> Path:
    """The graph and its card in ``folder``; keywords change the card."""
    data = model.SerializeToString(deterministic=True)
    path = folder / f"{name}.onnx"
    path.write_bytes(data)
    card = Card(
        id=name,
        label=name,
        task="saliency",
        runtime="onnx",
        precision="fp32",
        input=GIVEN,
        file=path.name,
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        licence=Licence(spdx="MIT"),
        origin=Origin(source="https://example.org", sha256="a" * 64),
    )
    card_path(path).write_text(Card.model_validate({**dict(card), **changes}).to_json())
    return path
