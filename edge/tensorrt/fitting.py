"""Drawing a frame into an engine's input: by OpenCV on the CPU, or by our kernel on the GPU."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from edge.cuda import Cuda
from edge.cuda.buffers import Buffer, allocate
from edge.fit import PADDING, Interpolation, Placement, fit_into
from edge.frame import Rgb

BLOCK = (32, 8)  # threads: a warp writes one line of pixels
KERNEL = "fit_frame"


class Fitter(Protocol):
    """Fills one input buffer, frame after frame."""

    def draw(self, image: Rgb, placement: Placement) -> bool:
        """The CPU's part for one frame. True if what ``enqueue`` does is another than before."""
        ...

    def enqueue(self, stream: int) -> None:
        """The GPU's part: afterwards the input is drawn, in the order of ``stream``."""
        ...


class HostFitter:
    """OpenCV draws; only the small input goes to the GPU."""

    def __init__(self, cuda: Cuda, target: Buffer, interpolation: Interpolation) -> None:
        self._cuda, self._target, self._interpolation = cuda, target, interpolation

    def draw(self, image: Rgb, placement: Placement) -> bool:
        fit_into(self._target.host[0], image, placement, self._interpolation)
        return False

    def enqueue(self, stream: int) -> None:
        self._target.upload(self._cuda, stream)


class DeviceFitter:
    """
    The whole frame goes to the GPU, which draws it bilinearly: for CPUs that are slower than that.

    Args:
        cubin: the kernels, compiled for the device of ``cuda``.
        target: (1, height, width, 3) uint8.
    """

    def __init__(self, cuda: Cuda, cubin: bytes, target: Buffer) -> None:
        self._cuda, self._target = cuda, target
        self._kernel = cuda.kernels(cubin, [KERNEL])[KERNEL]
        self._frame: Buffer | None = None  # grows with the frames, and is never given back
        self._of: tuple[tuple[int, ...], Placement] | None = None

    def draw(self, image: Rgb, placement: Placement) -> bool:
        changed = self._of != (image.shape, placement)
        self._of = (image.shape, placement)
        if self._frame is None or self._frame.host.size < image.size:
            self._frame = allocate(self._cuda, (image.size,), np.uint8)
        np.copyto(self._frame.host[: image.size].reshape(image.shape), image)
        return changed

    def enqueue(self, stream: int) -> None:
        if self._frame is None or self._of is None:
            return  # nothing was drawn yet
        (rows, columns, _), placement = self._of
        width, height = placement.input_size
        self._frame.upload(self._cuda, stream)
        arguments = (
            *(np.uint64(self._frame.pointer), np.int32(columns), np.int32(rows)),
            *(np.uint64(self._target.pointer), np.int32(width), np.int32(height)),
            *(np.int32(placement.left), np.int32(placement.top)),
            *(np.int32(placement.width), np.int32(placement.height), np.int32(PADDING)),
        )
        grid = (-(-width // BLOCK[0]), -(-height // BLOCK[1]))
        self._cuda.launch(self._kernel, grid, BLOCK, arguments, stream)
