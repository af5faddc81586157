"""The processor, the memory and the board, from files in place of /proc."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.doctor.checks import machine

EPYC = "model name\t: AMD EPYC 9654\nflags\t\t: fpu sse2 avx2 avx512f avx512_vnni avx512_bf16\n"
ORIN = "processor\t: 0\nFeatures\t: fp asimd aes asimddp\n"


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def test_an_x86_processor_is_told_with_what_speeds_up_a_network(tmp_path: Path) -> None:
    found = machine.cpu(write(tmp_path, cpuinfo=EPYC), tmp_path)
    assert found.status == "ok"
    assert found.found.startswith("AMD EPYC 9654, ")
    assert found.found.endswith("AVX2, AVX-512, VNNI, BF16")
    assert "int8 models fast" in found.meaning


def test_an_arm_processor_goes_by_its_boards_name(tmp_path: Path) -> None:
    write(tmp_path, cpuinfo=ORIN)
    write_to = tmp_path / "device-tree"
    write_to.mkdir()
    write(write_to, model="NVIDIA Jetson Orin NX\0")
    found = machine.cpu(tmp_path, tmp_path)
    assert found.found.startswith("NVIDIA Jetson Orin NX, ")
    assert found.found.endswith("NEON, dot product")


def test_a_processor_without_vectors_is_a_problem(tmp_path: Path) -> None:
    found = machine.cpu(write(tmp_path, cpuinfo=EPYC.replace("avx", "abc")), tmp_path)
    assert found.status == "problem"
    assert found.advice


@pytest.mark.parametrize(
    ("available_kb", "limit", "status"),
    [(8_000_000, "max", "ok"), (500_000, "max", "problem"), (8_000_000, "900000000", "problem")],
)
def test_little_memory_is_a_problem(
    tmp_path: Path, available_kb: int, limit: str, status: str
) -> None:
    write(tmp_path, meminfo=f"MemTotal: 16000000 kB\nMemAvailable: {available_kb} kB\n")
    write(tmp_path, **{"memory.max": limit, "memory.current": "1000"})
    assert machine.memory(tmp_path, tmp_path).status == status


@pytest.mark.parametrize(
    ("release", "status"), [("36 (release), REVISION: 4.3", "ok"), ("35 x REVISION: 1", "problem")]
)
def test_a_jetson_is_told_by_its_release(tmp_path: Path, release: str, status: str) -> None:
    (found,) = machine.jetson(write(tmp_path, nv_tegra_release=f"# R{release}, GCID"), tmp_path)
    assert found.status == status
    assert machine.jetson(tmp_path / "elsewhere", tmp_path) == []
