"""The GPU, by what its driver answers."""

from __future__ import annotations

from pathlib import Path

from edge.doctor.checks import gpu
from edge.doctor.checks.child import Answer
from tests.unit.doctor.played import answering


def test_a_gpu_is_told_with_its_compute_capability(tmp_path: Path) -> None:
    device = {"name": "Orin", "memory_bytes": 16e9, "compute_capability": "8.7"}
    answer = Answer({"cuda": "12.6", "devices": [device]})
    (found,) = gpu.examine(tmp_path, tmp_path, answering(cuda=answer))
    assert found.status == "ok"
    assert found.found == "Orin, 16 GB, compute capability 8.7, driver for CUDA 12.6"


def test_a_driver_that_does_not_start_is_a_problem_and_no_driver_is_none(tmp_path: Path) -> None:
    ask = answering(cuda=Answer(error="cuInit gave CUDA error 999"))
    (found,) = gpu.examine(tmp_path, tmp_path, ask)
    assert found.status == "missing"
    (tmp_path / "nvidia0").touch()
    (found,) = gpu.examine(tmp_path, tmp_path, ask)
    assert found.status == "problem"
    assert "999" in found.found
