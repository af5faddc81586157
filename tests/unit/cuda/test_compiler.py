"""The kernels compile for every GPU that is supported, without one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from edge.cuda import compiler
from edge.cuda.compiler import SOURCE, NoCompiler, compile_kernels, nvcc, nvrtc
from edge.errors import ModelError

ARCHITECTURES = ["sm_75", "sm_87", "sm_90", "sm_110"]  # Turing, Orin, Hopper, Thor
NAMES = re.findall(r"__global__ void (\w+)\(", SOURCE.read_text())


@pytest.mark.parametrize("by", [nvrtc, nvcc])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_the_kernels_compile_for(architecture: str, by: compiler.Compiler) -> None:
    try:
        cubin = by(architecture, SOURCE)
    except NoCompiler as error:
        pytest.skip(f"this compiler is not at hand: {error}")
    assert cubin.startswith(b"\x7fELF")
    assert NAMES == ["fit_frame", "upsample_alpha", "composite"]
    for name in NAMES:
        assert name.encode() in cubin


@pytest.mark.parametrize("by", [nvrtc, nvcc])
def test_a_source_with_a_mistake_is_refused_with_its_line(
    by: compiler.Compiler, tmp_path: Path
) -> None:
    source = tmp_path / "wrong.cu"
    source.write_text('extern "C" __global__ void wrong() {\n    missing();\n}\n')
    try:
        by("sm_75", SOURCE)
    except NoCompiler as error:
        pytest.skip(f"this compiler is not at hand: {error}")
    with pytest.raises(ModelError, match=r"wrong\.cu does not compile(.|\n)*wrong\.cu\(2\)"):
        by("sm_75", source)


def test_an_unknown_gpu_is_said_to_be_unknown() -> None:
    with pytest.raises(ModelError, match="no CUDA compiler for sm_1.*pip install cuda-bindings"):
        compile_kernels("sm_1")


def test_without_a_compiler_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(compiler, "TOOLKIT", tmp_path / "nvcc")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(__import__("sys").modules, "cuda.bindings.nvrtc", None)
    with pytest.raises(ModelError, match="nvcc is not installed.*install the CUDA toolkit"):
        compile_kernels("sm_87")
