"""Estimates for Jetsons: worked out by hand for one layer, and from a real graph."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from bench.ceiling.with_onnxruntime import kernels
from bench.jetson.devices import DEVICES, Device
from bench.jetson.roofline import ARITHMETIC, START_S, TRAFFIC, Work, estimate, work_of

SLOW = Device("slow", multipliers=1000, clock_mhz=1000, memory_gb_s=1.0)  # 1 TMAC/s, 1 GB/s


def test_a_layer_takes_as_long_as_its_arithmetic_or_its_traffic() -> None:
    assert SLOW.tmac_s == 1
    arithmetic = estimate([Work(macs=10**9, bytes=10**3)], SLOW)
    assert arithmetic.least_ms == pytest.approx(1)
    assert arithmetic.expected_ms == pytest.approx(1 / ARITHMETIC + START_S * 1e3, rel=1e-3)
    traffic = estimate([Work(macs=10**3, bytes=10**6)], SLOW)
    assert traffic.least_ms == pytest.approx(1)
    assert traffic.expected_ms == pytest.approx(1 / TRAFFIC + START_S * 1e3, rel=1e-3)


def test_layers_do_not_overlap() -> None:
    both = [Work(macs=10**9, bytes=0), Work(macs=0, bytes=10**6)]
    assert estimate(both, SLOW).least_ms == pytest.approx(2)


def test_nothing_is_expected_to_beat_what_is_possible() -> None:
    layers = [Work(macs=10**8, bytes=10**6), Work(macs=10**5, bytes=10**7)]
    for device in DEVICES:
        found = estimate(layers, device)
        assert found.expected_ms > found.least_ms > 0


# Dense fp16 TFLOPS of the GPU, as NVIDIA states them; two operations a multiply-accumulate.
@pytest.mark.parametrize(
    ("name", "tflops"), [("Orin Nano 8GB Super", 17), ("AGX Orin 64GB", 43), ("Thor T5000", 259)]
)
def test_the_figures_are_those_of_the_data_sheets(name: str, tflops: float) -> None:
    (device,) = [each for each in DEVICES if each.name == name]
    assert 2 * device.tmac_s == pytest.approx(tflops, rel=0.02)


def test_a_convolution_with_its_activation_is_one_layer(tmp_path: Path) -> None:
    weights = np.zeros((8, 3, 3, 3), np.float32)
    nodes = [
        helper.make_node("Cast", ["picture"], ["float"], to=TensorProto.FLOAT),
        helper.make_node("Transpose", ["float"], ["planes"], perm=[0, 3, 1, 2]),
        helper.make_node("Conv", ["planes", "weights"], ["sum"], pads=[1, 1, 1, 1]),
        helper.make_node("Relu", ["sum"], ["kept"]),
        helper.make_node("MaxPool", ["kept"], ["half"], kernel_shape=[2, 2], strides=[2, 2]),
    ]
    graph = helper.make_graph(
        nodes,
        "one",
        [helper.make_tensor_value_info("picture", TensorProto.UINT8, [1, 16, 32, 3])],
        [helper.make_tensor_value_info("half", TensorProto.FLOAT, [1, 8, 8, 16])],
        [numpy_helper.from_array(weights, "weights")],
    )
    path = tmp_path / "one.onnx"
    opset = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opset, ir_version=8), path)
    layers = work_of(kernels(path, np.zeros((1, 16, 32, 3), np.uint8), "picture"))
    pixels = 16 * 32
    assert layers == [
        Work(macs=pixels * 8 * 27, bytes=2 * (3 * pixels + 8 * 27 + 8 * pixels)),
        Work(macs=0, bytes=2 * (8 * pixels + 8 * pixels // 4)),
    ]
