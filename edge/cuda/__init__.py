"""
A CUDA device behind one seam: PyCUDA fills it, or NVIDIA's cuda-python where PyCUDA is not built.

Nothing here is imported before a kind asks for a GPU. Handles (streams, pointers, kernels) are
plain integers, as TensorRT and the driver take them.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from edge.cuda.driver import Gpu

Scalar: TypeAlias = np.uint64 | np.int32 | np.float32  # a kernel's argument: a pointer or a number


class Cuda(Protocol):
    """
    One device's memory, streams and kernels. Everything made by it is freed by ``close``.

    All calls but ``close`` are made inside ``with cuda.active()``, in whichever thread. Each of
    them raises ModelError when CUDA does.
    """

    gpu: Gpu

    def active(self) -> AbstractContextManager[None]:
        """Make the device's primary context, which TensorRT uses too, this thread's current one."""
        ...

    def host(self, shape: Sequence[int], dtype: DTypeLike, mapped: bool) -> NDArray[Any]:
        """Page-locked memory, zeroed; if ``mapped``, the device sees it as well."""
        ...

    def mapped_pointer(self, host: NDArray[Any]) -> int:
        """The device's address of an array that ``host(..., mapped=True)`` gave."""
        ...

    def memory(self, size_bytes: int) -> int:
        """The address of new device memory."""
        ...

    def stream(self) -> int:
        """The handle of a new stream that does not wait for the default one."""
        ...

    def upload(self, pointer: int, host: NDArray[Any], stream: int) -> None:
        """Copy all of page-locked ``host`` to ``pointer`` in the order of ``stream``."""
        ...

    def download(self, host: NDArray[Any], pointer: int, stream: int) -> None:
        """Fill page-locked ``host`` from ``pointer`` in the order of ``stream``."""
        ...

    def synchronize(self, stream: int) -> None:
        """Wait until ``stream`` has done all it was given."""
        ...

    def kernels(self, cubin: bytes, names: Sequence[str]) -> dict[str, int]:
        """Load compiled kernels: their handles by name."""
        ...

    def launch(
        self,
        kernel: int,
        grid: tuple[int, int],
        block: tuple[int, int],
        arguments: Sequence[Scalar],
        stream: int,
    ) -> None:
        """Run ``kernel`` in ``stream``: ``grid`` blocks of ``block`` threads, both (x, y)."""
        ...

    def close(self) -> None:
        """Free all that was made, in any thread. More calls do nothing."""
        ...
