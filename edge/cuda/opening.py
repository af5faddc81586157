"""Choosing what fills the CUDA seam: PyCUDA where it is installed, else cuda-python."""

from __future__ import annotations

import importlib
from collections.abc import Callable

from edge.cuda import Cuda
from edge.cuda.driver import require_gpu
from edge.errors import InputError, ModelError

BINDINGS: dict[str, tuple[str, str]] = {  # name: module of ours, class
    "pycuda": ("edge.cuda.with_pycuda", "PyCuda"),
    "cuda-python": ("edge.cuda.with_bindings", "Bindings"),
}
INSTALL = (
    "pip install pycuda (it is compiled: needs the CUDA toolkit), or pip install cuda-bindings of "
    "your CUDA's major version, 12 on JetPack 6 and 13 on JetPack 7"
)


def open_cuda(wanted: str = "") -> Cuda:
    """
    The first CUDA device.

    Args:
        wanted: "pycuda" or "cuda-python"; the first that can be imported if empty.

    Raises:
        InputError: ``wanted`` is neither.
        ModelError: there is no GPU, or no package to use it.
    """
    if wanted and wanted not in BINDINGS:
        raise InputError(f"{wanted!r}: wanted {' or '.join(BINDINGS)}")
    gpu = require_gpu()
    reasons = []
    for name in [wanted] if wanted else BINDINGS:
        module, kind = BINDINGS[name]
        try:
            make: Callable[..., Cuda] = getattr(importlib.import_module(module), kind)
        except ImportError as error:
            reasons.append(f"{name}: {error}")
        else:
            return make(gpu)
    raise ModelError(f"CUDA cannot be used from Python ({'; '.join(reasons)}). {INSTALL}")
