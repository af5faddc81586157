"""The seam filled by PyCUDA."""

from __future__ import annotations

import atexit
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

import pycuda.driver as driver
from numpy.typing import DTypeLike, NDArray

from edge.cuda import Scalar
from edge.cuda.driver import Gpu
from edge.errors import ModelError


class PyCuda:
    """See ``edge.cuda.Cuda``."""

    def __init__(self, gpu: Gpu, index: int = 0) -> None:
        self.gpu = gpu
        with _translated():
            self._context = _primary_context(index)
        self._streams: dict[int, Any] = {}
        self._functions: dict[int, Any] = {}
        self._owned: list[Any] = []  # PyCUDA frees what nobody refers to any more
        self._free: list[Callable[[], object]] = []
        self._closing = threading.Lock()

    @contextmanager
    def active(self) -> Iterator[None]:
        with _translated():
            self._context.push()
        try:
            yield
        finally:
            driver.Context.pop()

    def host(self, shape: Sequence[int], dtype: DTypeLike, mapped: bool) -> NDArray[Any]:
        flags = driver.host_alloc_flags.DEVICEMAP if mapped else 0
        with _translated():
            array: NDArray[Any] = driver.pagelocked_empty(tuple(shape), dtype, mem_flags=flags)
        array.fill(0)
        return array

    def mapped_pointer(self, host: NDArray[Any]) -> int:
        with _translated():
            return int(host.base.get_device_pointer())  # type: ignore[union-attr]  # HostAllocation

    def memory(self, size_bytes: int) -> int:
        with _translated():
            allocation = driver.mem_alloc(size_bytes)
        self._free.append(allocation.free)
        return int(allocation)

    def stream(self) -> int:
        with _translated():
            stream = driver.Stream(flags=_NON_BLOCKING)
        self._streams[int(stream.handle)] = stream
        return int(stream.handle)

    def upload(self, pointer: int, host: NDArray[Any], stream: int) -> None:
        with _translated():
            driver.memcpy_htod_async(pointer, host, self._streams[stream])

    def download(self, host: NDArray[Any], pointer: int, stream: int) -> None:
        with _translated():
            driver.memcpy_dtoh_async(host, pointer, self._streams[stream])

    def synchronize(self, stream: int) -> None:
        with _translated():
            self._streams[stream].synchronize()

    def kernels(self, cubin: bytes, names: Sequence[str]) -> dict[str, int]:
        with _translated():
            module = driver.module_from_buffer(cubin)
            functions = {name: module.get_function(name) for name in names}
        self._functions |= {id(function): function for function in functions.values()}
        self._owned.append(module)
        return {name: id(function) for name, function in functions.items()}

    def launch(
        self,
        kernel: int,
        grid: tuple[int, int],
        block: tuple[int, int],
        arguments: Sequence[Scalar],
        stream: int,
    ) -> None:
        function = self._functions[kernel]
        with _translated():
            function(*arguments, grid=grid, block=(*block, 1), stream=self._streams[stream])

    def close(self) -> None:
        with self._closing:
            free, self._free = self._free, []
            owned = [*self._functions.values(), *self._owned, *self._streams.values()]
            self._functions, self._owned, self._streams = {}, [], {}
        if free or owned:
            with suppress(ModelError), self.active(), _translated():
                for release in reversed(free):
                    release()
                owned.clear()


_NON_BLOCKING = 1  # CU_STREAM_NON_BLOCKING


@cache
def _primary_context(index: int) -> Any:
    """Held until the process ends, as TensorRT does."""
    driver.init()
    context = driver.Device(index).retain_primary_context()
    # PyCUDA's own clearing up takes a primary context for an ordinary one, and complains.
    atexit.register(context.detach)
    return context


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (driver.Error, MemoryError) as error:  # PyCUDA's MemoryError is none of its Error
        raise ModelError(f"CUDA: {error}") from error
