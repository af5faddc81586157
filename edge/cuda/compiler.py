"""Compiling our kernels for a GPU: by NVRTC, which needs no toolkit, or by nvcc where that is."""

from __future__ import annotations

import importlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

from edge.errors import ModelError

SOURCE = Path(__file__).parents[1] / "kernels" / "compositing.cu"
TOOLKIT = Path("/usr/local/cuda/bin/nvcc")  # JetPack does not put it on the path
TIMEOUT_S = 120.0

Compiler: TypeAlias = Callable[[str, Path], bytes]
INSTALL = (
    "pip install cuda-bindings and nvidia-cuda-nvrtc (CUDA 12: nvidia-cuda-nvrtc-cu12), or install "
    "the CUDA toolkit's nvcc"
)


class NoCompiler(Exception):
    """This one is not here, or does not know the architecture; another may."""


def compile_kernels(architecture: str, source: Path = SOURCE) -> bytes:
    """
    Compile ``source`` for one GPU.

    Args:
        architecture: such as ``sm_87``.

    Returns:
        A cubin, to be loaded by the driver.

    Raises:
        ModelError: no compiler is here, it does not know the architecture, or refuses the source.
    """
    reasons = []
    for compiler in (nvrtc, nvcc):
        try:
            return compiler(architecture, source)
        except NoCompiler as error:
            reasons.append(str(error))
    raise ModelError(f"no CUDA compiler for {architecture}: {'; '.join(reasons)}. {INSTALL}")


def nvrtc(architecture: str, source: Path) -> bytes:
    """
    As ``compile_kernels``, by the run-time compiler.

    Raises:
        NoCompiler: it is not here, or does not know the architecture.
        ModelError: it refuses the source.
    """
    try:
        api = importlib.import_module("cuda.bindings.nvrtc")
        known = _nvrtc(api.nvrtcGetSupportedArchs)
    except (ImportError, RuntimeError) as error:  # RuntimeError: the library itself is missing
        raise NoCompiler(f"NVRTC: {' '.join(str(error).split())}") from error
    if int(architecture.removeprefix("sm_")) not in known:
        raise NoCompiler(f"NVRTC knows {known}, not {architecture}")
    program = _nvrtc(api.nvrtcCreateProgram, source.read_bytes(), source.name.encode(), 0, [], [])
    try:
        options = [f"--gpu-architecture={architecture}".encode()]
        (status,) = api.nvrtcCompileProgram(program, len(options), options)
        if status != api.nvrtcResult.NVRTC_SUCCESS:
            raise ModelError(f"{source.name} does not compile: {_log(api, program)}")
        cubin = bytearray(_nvrtc(api.nvrtcGetCUBINSize, program))
        _nvrtc(api.nvrtcGetCUBIN, program, cubin)
        return bytes(cubin)
    finally:
        api.nvrtcDestroyProgram(program)


def nvcc(architecture: str, source: Path) -> bytes:
    """
    As ``compile_kernels``, by the toolkit's compiler.

    Raises:
        NoCompiler: it is not here, or does not know the architecture.
        ModelError: it refuses the source.
    """
    program = shutil.which("nvcc") or (str(TOOLKIT) if TOOLKIT.exists() else None)
    if program is None:
        raise NoCompiler("nvcc is not installed")
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "kernels.cubin"
        command = [program, "--cubin", f"--gpu-architecture={architecture}", "-o", str(target)]
        try:
            done = subprocess.run(
                [*command, str(source)], capture_output=True, text=True, timeout=TIMEOUT_S
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise NoCompiler(f"nvcc: {error}") from error
        if re.search(r"(Unsupported gpu architecture|not defined for option)", done.stderr):
            raise NoCompiler(f"nvcc does not know {architecture}")
        if done.returncode != 0:
            raise ModelError(f"{source.name} does not compile: {done.stderr.strip()}")
        return target.read_bytes()


def _nvrtc(function: Any, *arguments: Any) -> Any:
    status, *values = function(*arguments)
    if int(status) != 0:
        raise ModelError(f"NVRTC: {function.__name__} gave {status.name}")
    return values[0] if values else None


def _log(api: Any, program: Any) -> str:
    log = bytearray(_nvrtc(api.nvrtcGetProgramLogSize, program))
    _nvrtc(api.nvrtcGetProgramLog, program, log)
    return log.decode(errors="replace").strip("\0 \n")
