"""Engines are built on this very GPU, run, and matte as the ONNX file does."""

from __future__ import annotations

import gc
import time
from pathlib import Path

import numpy as np
import pytest

from convert.tensorrt.install import build_and_install
from convert.tensorrt.options import Order
from edge.cuda.driver import Gpu
from edge.errors import EdgeError, ModelMismatch
from edge.frame import Frame
from edge.matting import onnx
from edge.matting import tensorrt as kind
from edge.tensorrt import record
from edge.tensorrt.awaited import Awaited
from edge.tensorrt.build import CHECKOUT
from edge.tensorrt.key import Precision
from edge.tensorrt.library import load_library
from edge.tensorrt.trial import LIMIT
from edge.zoo import Zoo
from tests.unit.tensorrt.samples import graph, onnx_file

pytestmark = [pytest.mark.gpu, pytest.mark.slow, pytest.mark.timeout(1200)]
BUILD_S = 900.0


@pytest.fixture(autouse=True)
def tensorrt(gpu: Gpu) -> None:
    """TensorRT, or a reason to skip."""
    try:
        library = load_library()
    except EdgeError as error:
        pytest.skip(str(error))
    name = gpu.architecture.replace("sm_", "SM")
    if library.portable and not hasattr(library.api.ComputeCapability, name):
        pytest.skip(f"{library.title} does not run on {gpu}: install tensorrt")


def built(path: Path, cache: Path, precision: Precision) -> Path:
    return build_and_install(Order(None, path, cache, precision), lambda done: None)


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_an_engine_mattes_as_its_onnx_file_does(
    u2netp: Path, frames: list[Frame], tmp_path: Path, precision: Precision
) -> None:
    engine = kind.TensorRt(built(u2netp, tmp_path, precision))
    wanted_by = onnx.make(str(u2netp))
    for frame in frames:  # the first without a graph, the rest with it
        found, wanted = engine.matte(frame).alpha, wanted_by.matte(frame).alpha
        assert wanted.max() > 0.5  # there is something to compare
        assert np.isfinite(found).all()
        assert np.abs(found - wanted).mean() <= LIMIT[precision]


def test_a_quantised_graph_runs(tmp_path: Path) -> None:
    path = onnx_file(tmp_path, graph(quantised=True), precision="int8")
    engine, wanted_by = kind.TensorRt(built(path, tmp_path, "int8")), onnx.make(str(path))
    image = np.random.default_rng(4).integers(0, 256, (32, 48, 3), np.uint8)
    found, wanted = (m.matte(Frame(image, 0, 0)).alpha for m in (engine, wanted_by))
    assert np.abs(found - wanted).mean() <= LIMIT["int8"]


def test_a_plan_that_was_cut_is_refused(u2netp: Path, tmp_path: Path) -> None:
    engine = built(u2netp, tmp_path, "fp16")
    engine.write_bytes(engine.read_bytes()[:-1000])
    with pytest.raises(ModelMismatch, match="cut off or another file"):
        kind.TensorRt(engine)


def test_models_come_and_go_without_filling_the_gpu(u2netp: Path, tmp_path: Path) -> None:
    engine = built(u2netp, tmp_path, "fp16")
    frame = Frame(np.zeros((480, 640, 3), np.uint8), 0, 0)
    for _ in range(20):
        model = kind.TensorRt(engine)
        assert model.matte(frame).alpha.shape == (320, 320)
        del model
        gc.collect()


def test_the_service_builds_it_and_swaps_over(frames: list[Frame], tmp_path: Path) -> None:
    if not (CHECKOUT / "convert" / "__main__.py").exists():
        pytest.skip("edge is installed without convert")
    zoo = Zoo(tmp_path)
    try:
        model = kind.make("u2netp", zoo=zoo)
    except EdgeError as error:
        pytest.skip(f"U2NETP is not at hand: {error}")
    assert isinstance(model, Awaited)
    deadline = time.monotonic() + BUILD_S
    folder = tmp_path / "engines"
    while not any(folder.glob("*.passed")):
        assert model.matte(frames[0]).alpha.max() > 0.5  # onnx: serves meanwhile
        assert model.error is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    (engine,) = folder.glob("*.engine")
    assert record.passed(engine)
    assert isinstance(kind.make("u2netp", zoo=zoo), kind.TensorRt)  # at the next start, at once
