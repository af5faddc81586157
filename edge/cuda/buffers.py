"""Arrays that the CPU and the GPU both reach: copied to and fro, or mapped where memory is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from numpy.typing import DTypeLike, NDArray

from edge.cuda import Cuda


@dataclass(frozen=True, slots=True, eq=False)
class Buffer:
    """
    One array, on both sides.

    Attributes:
        host: page-locked, C-contiguous.
        pointer: the device's address of the same shape and type.
        mapped: both are the same memory, so there is nothing to copy.
    """

    host: NDArray[Any]
    pointer: int
    mapped: bool

    def upload(self, cuda: Cuda, stream: int) -> None:
        """What ``host`` holds is on the device, in the order of ``stream``."""
        if not self.mapped:
            cuda.upload(self.pointer, self.host, stream)

    def download(self, cuda: Cuda, stream: int) -> None:
        """What the device holds is in ``host`` once ``stream`` is synchronised."""
        if not self.mapped:
            cuda.download(self.host, self.pointer, stream)


def allocate(cuda: Cuda, shape: Sequence[int], dtype: DTypeLike) -> Buffer:
    """
    A new buffer, zeroed on the CPU's side: mapped on an integrated GPU (Jetson).

    Raises:
        ModelError: there is not enough memory.
    """
    mapped = cuda.gpu.integrated
    host = cuda.host(shape, dtype, mapped)
    pointer = cuda.mapped_pointer(host) if mapped else cuda.memory(host.nbytes)
    return Buffer(host, pointer, mapped)
