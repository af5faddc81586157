"""Inference runtimes, installed, missing and broken."""

from __future__ import annotations

import pytest

from edge.doctor.checks import runtimes
from edge.doctor.checks.child import Answer
from tests.unit.doctor.played import answering


def test_onnx_runtime_is_told_with_its_providers(monkeypatch: pytest.MonkeyPatch) -> None:
    providers = ["CUDAExecutionProvider", "CPUExecutionProvider"]
    answer = Answer({"version": "1.31.1", "providers": providers})
    monkeypatch.setattr(runtimes, "version", lambda name: "1")
    found = runtimes.onnxruntime(answering(onnxruntime=answer))
    assert "overwrite each other" in found.meaning
    monkeypatch.setattr(runtimes, "_installed", lambda name: name == "onnxruntime-gpu")
    found = runtimes.onnxruntime(answering(onnxruntime=answer))
    assert found.found == "1.31.1: CUDA, CPU"
    assert "GPU" in found.meaning


def test_a_runtime_that_does_not_load_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtimes, "find_spec", lambda name: object())
    crashed = Answer(error="crashed (SIGSEGV)")
    ask = answering(onnxruntime=crashed, openvino=crashed, tensorrt=crashed, pycuda=crashed)
    rows = [runtimes.onnxruntime(ask), runtimes.openvino(ask), *runtimes.tensorrt(ask)]
    assert [row.status for row in rows] == ["problem"] * 4
    assert all(row.advice for row in rows)


def test_a_runtime_that_is_not_installed_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtimes, "find_spec", lambda name: None)
    rows = [runtimes.openvino(answering()), *runtimes.tensorrt(answering())]
    assert [row.status for row in rows] == ["missing"] * 3
