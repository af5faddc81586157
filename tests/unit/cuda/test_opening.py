"""What is said where there is no GPU, or nothing that reaches it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from edge.cuda import driver, opening
from edge.cuda.driver import Gpu, check, require_gpu
from edge.cuda.opening import open_cuda
from edge.errors import InputError, ModelError

GPU = Gpu("Orin", (8, 7), integrated=True, driver="CUDA 12.6")


def test_without_a_driver_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "LIBRARY", "libcuda-not-here.so")
    with pytest.raises(ModelError, match=r"no NVIDIA GPU: .*--gpus all.*python -m edge doctor"):
        require_gpu()


def test_a_status_that_is_no_success_is_an_error() -> None:
    check(0, "cuInit")
    with pytest.raises(ModelError, match="the driver is here, but finds no device"):
        check(100, "cuInit")
    with pytest.raises(ModelError, match="cuInit gave error 803"):
        check(803, "cuInit")


def test_without_a_package_it_names_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "require_gpu", lambda: GPU)
    for name in ("pycuda", "pycuda.driver", "cuda", "cuda.bindings"):
        monkeypatch.setitem(sys.modules, name, None)
    for module in ("edge.cuda.with_pycuda", "edge.cuda.with_bindings"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    with pytest.raises(ModelError, match=r"pycuda: .*cuda-python: .*pip install cuda-bindings"):
        open_cuda()


def test_an_unknown_package_is_refused() -> None:
    with pytest.raises(InputError, match="'hip': wanted pycuda or cuda-python"):
        open_cuda("hip")


def test_a_driver_that_tells_its_version_is_believed(tmp_path: Path) -> None:
    version = tmp_path / "version"
    assert driver._driver_version(version) == ""
    version.write_text("570.133.20\n")
    assert driver._driver_version(version) == "570.133.20"
