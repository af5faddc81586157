"""Small ONNX files with cards, and GPUs that are not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from edge.cuda.driver import Gpu
from edge.zoo.card import Card, Licence, ModelInput, Origin
from edge.zoo.card_file import card_path, file_sha256

ORIN = Gpu("Orin", (8, 7), integrated=True, driver="540.4.0, CUDA 12.6")
WIDTH, HEIGHT = 48, 32


def graph(quantised: bool = False, operation: str = "Conv") -> onnx.ModelProto:
    """rgb -> normalise -> one convolution -> sigmoid, as our exporter makes them."""
    weights = np.random.default_rng(2).normal(0, 0.3, (1, 3, 3, 3)).astype(np.float32)
    constants = [numpy_helper.from_array(np.float32(1 / 255), "scale")]
    nodes = [
        helper.make_node("Cast", ["rgb"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["float"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Mul", ["planes", "scale"], ["normalised"]),
    ]
    if quantised:
        constants += [
            numpy_helper.from_array(np.round(weights / 0.01).clip(-127, 127).astype(np.int8), "w8"),
            numpy_helper.from_array(np.array([0.01], np.float32), "w_scale"),
            numpy_helper.from_array(np.array([0], np.int8), "w_zero"),
            numpy_helper.from_array(np.float32(1 / 127), "x_scale"),
            numpy_helper.from_array(np.int8(0), "x_zero"),
        ]
        ends = ["x_scale", "x_zero"]
        nodes += [
            helper.make_node("QuantizeLinear", ["normalised", *ends], ["x8"]),
            helper.make_node("DequantizeLinear", ["x8", *ends], ["x"]),
            helper.make_node("DequantizeLinear", ["w8", "w_scale", "w_zero"], ["w"], axis=0),
        ]
        inputs = ["x", "w"]
    else:
        constants.append(numpy_helper.from_array(weights, "w"))
        inputs = ["normalised", "w"]
    more: dict[str, Any] = {"pads": [1, 1, 1, 1]} if operation == "Conv" else {"domain": "ours"}
    nodes += [
        helper.make_node(operation, inputs, ["logits"], **more),
        helper.make_node("Sigmoid", ["logits"], ["alpha"]),
    ]
    made = helper.make_graph(
        nodes,
        "matte",
        [helper.make_tensor_value_info("rgb", TensorProto.UINT8, [1, HEIGHT, WIDTH, 3])],
        [helper.make_tensor_value_info("alpha", TensorProto.FLOAT, [1, 1, HEIGHT, WIDTH])],
        constants,
    )
    opsets = [helper.make_opsetid("", 17), helper.make_opsetid("ours", 1)]
    return helper.make_model(made, opset_imports=opsets, ir_version=8)


def onnx_file(folder: Path, model: onnx.ModelProto | None = None, **card: Any) -> Path:
    """A file with its card, which ``card`` changes."""
    path = folder / "small.onnx"
    path.write_bytes((model or graph()).SerializeToString())
    made = Card(
        id="small",
        label="Small",
        task="matting",
        runtime="onnx",
        precision="fp32",
        input=ModelInput(width=WIDTH, height=HEIGHT, fit="stretch", interpolation="linear"),
        file=path.name,
        sha256=file_sha256(path),
        size_bytes=path.stat().st_size,
        licence=Licence(spdx="Apache-2.0"),
        origin=Origin(source="test"),
    )
    card_path(path).write_text(made.model_copy(update=card).to_json())
    return path
