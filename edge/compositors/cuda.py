"""
``cuda:``: on an NVIDIA GPU, by the project's kernels. ``cuda:pycuda`` and ``cuda:cuda-python``
name the package that reaches it; the first that is installed otherwise.
"""

from __future__ import annotations

import logging
import weakref
from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from edge.cuda import Cuda, Scalar
from edge.cuda.buffers import allocate
from edge.cuda.compiler import compile_kernels
from edge.cuda.driver import require_gpu
from edge.cuda.graph import Replay
from edge.cuda.opening import open_cuda
from edge.frame import Alpha, Frame, Matte, Rgb

logger = logging.getLogger(__name__)

BLOCK = (32, 8)  # threads: a warp reads one line of pixels
UPSAMPLE, COMPOSITE = "upsample_alpha", "composite"

Shape: TypeAlias = tuple[int, ...]


class CudaCompositor:
    """
    See ``edge.compositors.Compositor``.

    Args:
        opening: gives a device, for pictures of one size.
        cubin: the kernels, compiled for that device.
    """

    def __init__(self, opening: Callable[[], Cuda], cubin: bytes) -> None:
        self._opening, self._cubin = opening, cubin
        self._shapes: tuple[Shape, Shape] | None = None
        self._work: _Work | None = None

    def compose(self, frame: Frame, matte: Matte, background: Rgb) -> Rgb:
        foreground = frame.image if matte.foreground is None else matte.foreground
        for name, picture in (("foreground", foreground), ("background", background)):
            if picture.shape != frame.image.shape:
                wanted = frame.image.shape
                raise ValueError(f"the {name} is {picture.shape}, the frame needs {wanted}")
        shapes = (frame.image.shape, matte.alpha.shape)
        if self._work is None or shapes != self._shapes:
            self._work = None  # frees its memory first
            self._work = _Work(self._opening(), self._cubin, *shapes)
            self._shapes = shapes
        return self._work(foreground, background, matte.alpha)


class _Work:
    """The buffers and the stream of one size of frame and alpha. Owns ``cuda``."""

    def __init__(self, cuda: Cuda, cubin: bytes, frame: Shape, alpha: Shape) -> None:
        self._cuda = cuda
        weakref.finalize(self, cuda.close)
        with cuda.active():
            self._stream = cuda.stream()
            self._kernels = cuda.kernels(cubin, (UPSAMPLE, COMPOSITE))
            self._foreground = allocate(cuda, frame, np.uint8)
            self._background = allocate(cuda, frame, np.uint8)
            self._image = allocate(cuda, frame, np.uint8)
            self._alpha = allocate(cuda, alpha, np.float32)
            self._upsampled = self._alpha.pointer
            if alpha != frame[:2]:
                self._upsampled = cuda.memory(4 * frame[0] * frame[1])
        # The graph may not keep its owner alive, or the memory would never be freed.
        owner = weakref.proxy(self)
        self._enqueue = Replay(self._stream, lambda: owner.enqueue())

    def __call__(self, foreground: Rgb, background: Rgb, alpha: Alpha) -> Rgb:
        np.copyto(self._foreground.host, foreground)
        np.copyto(self._background.host, background)
        np.copyto(self._alpha.host, alpha)
        with self._cuda.active():
            try:
                self._enqueue()
            finally:  # also after a fault: nothing may still be using the buffers
                self._cuda.synchronize(self._stream)
        return np.array(self._image.host)

    def enqueue(self) -> None:
        """Give the stream one picture's work."""
        for buffer in (self._foreground, self._background, self._alpha):
            buffer.upload(self._cuda, self._stream)
        height, width = self._image.host.shape[:2]
        if self._upsampled != self._alpha.pointer:
            rows, columns = self._alpha.host.shape
            self._launch(
                UPSAMPLE,
                *(np.uint64(self._alpha.pointer), np.int32(columns), np.int32(rows)),
                *(np.uint64(self._upsampled), np.int32(width), np.int32(height)),
            )
        self._launch(
            COMPOSITE,
            *(np.uint64(self._foreground.pointer), np.uint64(self._background.pointer)),
            *(np.uint64(self._upsampled), np.uint64(self._image.pointer)),
            *(np.int32(width), np.int32(height)),
        )
        self._image.download(self._cuda, self._stream)

    def _launch(self, kernel: str, *arguments: Scalar) -> None:
        height, width = self._image.host.shape[:2]
        grid = (-(-width // BLOCK[0]), -(-height // BLOCK[1]))
        self._cuda.launch(self._kernels[kernel], grid, BLOCK, arguments, self._stream)


def make(argument: str) -> CudaCompositor:
    """
    Args:
        argument: ``pycuda``, ``cuda-python`` or nothing.

    Raises:
        InputError: the argument is neither.
        ModelError: there is no GPU, no package to reach it, or no compiler for the kernels.
    """
    open_cuda(argument)  # what is missing is told now, not at the first frame
    gpu = require_gpu()
    compositor = CudaCompositor(lambda: open_cuda(argument), compile_kernels(gpu.architecture))
    logger.info("compositing runs on %s", gpu)
    return compositor
