"""ONNX Runtime on CUDA mattes as it does on the CPU."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edge.cuda.driver import Gpu
from edge.frame import Frame
from edge.matting import _onnxruntime, onnx

pytestmark = pytest.mark.gpu


def test_cuda_gives_the_cpus_matte(
    gpu: Gpu, u2netp: Path, frames: list[Frame], monkeypatch: pytest.MonkeyPatch
) -> None:
    on_gpu = onnx.make(str(u2netp))
    if on_gpu.provider != "CUDAExecutionProvider":
        pytest.skip(f"this ONNX Runtime runs on {on_gpu.provider}: install onnxruntime-gpu")
    monkeypatch.setattr(_onnxruntime, "PROVIDERS", ("CPUExecutionProvider",))
    on_cpu = onnx.make(str(u2netp))
    assert on_cpu.provider == "CPUExecutionProvider"
    for frame in frames:
        found, wanted = on_gpu.matte(frame).alpha, on_cpu.matte(frame).alpha
        assert wanted.max() > 0.5  # there is something to compare
        assert np.abs(found - wanted).mean() < 2e-3  # convolutions may compute in TF32
