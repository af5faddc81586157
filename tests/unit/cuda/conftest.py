"""The kernels compiled for the CPU, and a CUDA driver without a GPU."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent


def compiled(target: Path, *sources: str) -> Path:
    compiler = shutil.which("g++")
    if compiler is None:
        pytest.skip("no g++ to compile the kernels for the CPU: apt-get install g++")
    options = ["-std=c++17", "-O1", "-Wall", "-Werror", "-shared", "-fPIC", "-x", "c++"]
    command = [compiler, *options, *(str(HERE / source) for source in sources)]
    command += [f"-Wl,-soname,{target.name}", "-o", str(target), "-ldl"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stderr
    return target


@pytest.fixture(scope="session")
def kernels_on_cpu(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shared library that runs each kernel, thread after thread."""
    return compiled(tmp_path_factory.mktemp("kernels") / "kernels.so", "cpu_kernels.cpp")


@pytest.fixture(scope="session")
def fake_driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ``libcuda.so.1`` that has no GPU, and minds every rule."""
    folder = tmp_path_factory.mktemp("driver")
    return compiled(folder / "libcuda.so.1", "fake_driver.cpp", "cpu_kernels.cpp")
