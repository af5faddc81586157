"""The seam filled by NVIDIA's cuda-python (``cuda-bindings`` 12 or 13): wheels for every board."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from ctypes import c_byte, c_float, c_int32, c_void_p
from typing import Any

import numpy as np
from cuda.bindings import driver
from numpy.typing import DTypeLike, NDArray

from edge.cuda import Scalar
from edge.cuda.driver import Gpu
from edge.errors import ModelError

_TYPES = {np.uint64: c_void_p, np.int32: c_int32, np.float32: c_float}


class Bindings:
    """See ``edge.cuda.Cuda``."""

    def __init__(self, gpu: Gpu, index: int = 0) -> None:
        self.gpu = gpu
        _call(driver.cuInit, 0)
        device = _call(driver.cuDeviceGet, index)
        # Never released: TensorRT holds on to the primary context until the process ends.
        self._context = _call(driver.cuDevicePrimaryCtxRetain, device)
        self._free: list[Callable[[], object]] = []
        self._closing = threading.Lock()

    @contextmanager
    def active(self) -> Iterator[None]:
        _call(driver.cuCtxPushCurrent, self._context)
        try:
            yield
        finally:
            _call(driver.cuCtxPopCurrent)

    def host(self, shape: Sequence[int], dtype: DTypeLike, mapped: bool) -> NDArray[Any]:
        size_bytes = int(np.prod(shape)) * np.dtype(dtype).itemsize
        flags = driver.CU_MEMHOSTALLOC_DEVICEMAP if mapped else 0
        address = int(_call(driver.cuMemHostAlloc, size_bytes, flags))
        self._free.append(lambda: driver.cuMemFreeHost(address))
        memory: Any = (c_byte * size_bytes).from_address(address)
        array: NDArray[Any] = np.ndarray(tuple(shape), dtype, memory)
        array.fill(0)
        return array

    def mapped_pointer(self, host: NDArray[Any]) -> int:
        return int(_call(driver.cuMemHostGetDevicePointer, host.ctypes.data, 0))

    def memory(self, size_bytes: int) -> int:
        pointer = _call(driver.cuMemAlloc, size_bytes)
        self._free.append(lambda: driver.cuMemFree(pointer))
        return int(pointer)

    def stream(self) -> int:
        stream = _call(driver.cuStreamCreate, driver.CUstream_flags.CU_STREAM_NON_BLOCKING.value)
        self._free.append(lambda: driver.cuStreamDestroy(stream))
        return int(stream)

    def upload(self, pointer: int, host: NDArray[Any], stream: int) -> None:
        _call(driver.cuMemcpyHtoDAsync, pointer, host.ctypes.data, host.nbytes, stream)

    def download(self, host: NDArray[Any], pointer: int, stream: int) -> None:
        _call(driver.cuMemcpyDtoHAsync, host.ctypes.data, pointer, host.nbytes, stream)

    def synchronize(self, stream: int) -> None:
        _call(driver.cuStreamSynchronize, stream)

    def kernels(self, cubin: bytes, names: Sequence[str]) -> dict[str, int]:
        module = _call(driver.cuModuleLoadData, cubin)
        self._free.append(lambda: driver.cuModuleUnload(module))
        return {
            name: int(_call(driver.cuModuleGetFunction, module, name.encode())) for name in names
        }

    def launch(
        self,
        kernel: int,
        grid: tuple[int, int],
        block: tuple[int, int],
        arguments: Sequence[Scalar],
        stream: int,
    ) -> None:
        values = tuple(argument.item() for argument in arguments)
        types = tuple(_TYPES[type(argument)] for argument in arguments)
        parameters = (values, types)
        _call(driver.cuLaunchKernel, kernel, *grid, 1, *block, 1, 0, stream, parameters, 0)

    def close(self) -> None:
        with self._closing:
            free, self._free = self._free, []
        if free:
            with suppress(ModelError), self.active():  # the driver may be gone as the process ends
                for release in reversed(free):
                    release()


def _call(function: Callable[..., tuple[Any, ...]], *arguments: Any) -> Any:
    """The value that a driver call gives beside its status."""
    try:
        status, *values = function(*arguments)
    except RuntimeError as error:  # an older driver lacks the function
        raise ModelError(f"CUDA: {function.__name__}: {error}") from error
    if status != driver.CUresult.CUDA_SUCCESS:
        raise ModelError(f"CUDA: {function.__name__} gave {status.name}")
    return values[0] if values else None
