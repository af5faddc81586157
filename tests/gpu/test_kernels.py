"""The kernels on a real device, against OpenCV."""

from __future__ import annotations

import gc
from importlib.util import find_spec

import numpy as np
import pytest

from edge.compositors.cuda import make
from edge.compositors.opencv import OpenCv
from edge.cuda.buffers import allocate
from edge.cuda.compiler import compile_kernels
from edge.cuda.driver import Gpu
from edge.cuda.opening import open_cuda
from edge.fit import PADDING, fit, place
from edge.frame import Frame, Matte

pytestmark = pytest.mark.gpu
RANDOM = np.random.default_rng(11)


@pytest.fixture(params=["pycuda", "cuda-python"])
def package(request: pytest.FixtureRequest, gpu: Gpu) -> str:
    """Each package that reaches the GPU and is installed."""
    if not find_spec({"pycuda": "pycuda", "cuda-python": "cuda"}[request.param]):
        pytest.skip(f"{request.param} is not installed")
    return str(request.param)


@pytest.mark.parametrize("scale", [1, 4])
def test_the_composite_is_that_of_the_cpu(package: str, scale: int) -> None:
    compositor = make(package)
    for height, width in ((720, 1280), (720, 1280), (720, 1280), (480, 640)):
        image, background = RANDOM.integers(0, 256, (2, height, width, 3), np.uint8)
        matte = Matte(RANDOM.random((height // scale, width // scale), np.float32))
        found = compositor.compose(Frame(image, 0, 0), matte, background)
        wanted = OpenCv().compose(Frame(image, 0, 0), matte, background)
        assert np.abs(found.astype(int) - wanted.astype(int)).max() <= 1


def test_a_frame_is_fitted_as_on_the_cpu(package: str, gpu: Gpu) -> None:
    image = RANDOM.integers(0, 256, (720, 1280, 3), np.uint8)
    placement = place((1280, 720), (320, 320), "letterbox")
    cuda = open_cuda(package)
    with cuda.active():
        kernel = cuda.kernels(compile_kernels(gpu.architecture), ["fit_frame"])["fit_frame"]
        stream = cuda.stream()
        frame = allocate(cuda, image.shape, np.uint8)
        fitted = allocate(cuda, (320, 320, 3), np.uint8)
        np.copyto(frame.host, image)
        frame.upload(cuda, stream)
        numbers = (320, 320, placement.left, placement.top, placement.width, placement.height)
        arguments = (
            *(np.uint64(frame.pointer), np.int32(1280), np.int32(720)),
            *(np.uint64(fitted.pointer), *(np.int32(n) for n in (*numbers, PADDING))),
        )
        cuda.launch(kernel, (10, 40), (32, 8), arguments, stream)
        fitted.download(cuda, stream)
        cuda.synchronize(stream)
        found = fitted.host.astype(int)
    del frame, fitted
    gc.collect()
    cuda.close()
    assert np.abs(found - fit(image, placement, "linear").astype(int)).max() <= 1
