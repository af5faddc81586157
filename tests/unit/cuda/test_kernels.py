"""The CUDA kernels' arithmetic, run on the CPU from the same source, against OpenCV and edge."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edge.compose import compose
from edge.fit import PADDING, fit, place
from edge.frame import Alpha, Frame, Matte, Rgb

Run = Callable[..., None]
RANDOM = np.random.default_rng(3)


@pytest.fixture
def run(kernels_on_cpu: Path) -> Run:
    """Runs a kernel for a picture of (width, height); arrays go as pointers."""
    library = ctypes.CDLL(str(kernels_on_cpu))

    def run(name: str, size: tuple[int, int], *arguments: NDArray[Any] | int) -> None:
        values = [
            ctypes.c_void_p(a.ctypes.data) if isinstance(a, np.ndarray) else ctypes.c_int(a)
            for a in arguments
        ]
        places = (ctypes.c_void_p * len(values))(*(ctypes.addressof(v) for v in values))
        grid = [-(-size[0] // 32), -(-size[1] // 8)]
        assert library.run_kernel(name.encode(), *grid, 32, 8, places)

    return run


def picture(width: int, height: int) -> Rgb:
    """Smooth and sharp parts, every level."""
    noise = RANDOM.integers(0, 256, (height, width, 3), np.uint8)
    noise[: height // 2] = cv2.GaussianBlur(noise[: height // 2], (0, 0), 3)
    return noise


def fitted(run: Run, image: Rgb, size: tuple[int, int], how: Any) -> Rgb:
    placement = place((image.shape[1], image.shape[0]), size, how)
    canvas = np.full((size[1], size[0], 3), 200, np.uint8)
    window = (placement.left, placement.top, placement.width, placement.height)
    frame = (image, image.shape[1], image.shape[0])
    run("fit_frame", size, *frame, canvas, *size, *window, PADDING)
    return canvas


@pytest.mark.parametrize("frame", [(1280, 720), (641, 359), (320, 320), (33, 700), (2, 2)])
@pytest.mark.parametrize("size", [(320, 320), (320, 192), (45, 31)])
@pytest.mark.parametrize("how", ["stretch", "letterbox"])
def test_a_frame_is_fitted_as_on_the_cpu(
    run: Run, frame: tuple[int, int], size: tuple[int, int], how: Any
) -> None:
    image = picture(*frame)
    found = fitted(run, image, size, how)
    wanted = fit(image, place(frame, size, how), "linear")
    assert np.abs(found.astype(int) - wanted.astype(int)).max() <= 1


def test_an_input_that_is_the_frame_is_copied(run: Run) -> None:
    image = picture(64, 48)
    assert (fitted(run, image, (64, 48), "stretch") == image).all()


@pytest.mark.parametrize("size", [(1280, 720), (640, 359), (97, 64), (3, 2)])
def test_alpha_is_brought_to_the_frames_size_as_by_opencv(run: Run, size: tuple[int, int]) -> None:
    alpha = RANDOM.random((64, 96), np.float32)
    found = np.full((size[1], size[0]), np.nan, np.float32)
    run("upsample_alpha", size, alpha, 96, 64, found, *size)
    wanted = cv2.resize(alpha, size, interpolation=cv2.INTER_LINEAR)
    np.testing.assert_allclose(found, wanted, atol=2e-5)


def composited(run: Run, foreground: Rgb, background: Rgb, alpha: Alpha) -> Rgb:
    height, width = alpha.shape
    image = np.full_like(foreground, 77)
    run("composite", (width, height), foreground, background, alpha, image, width, height)
    return image


def test_the_composite_is_that_of_the_cpu(run: Run) -> None:
    foreground, background = picture(130, 70), picture(130, 70)
    alpha = RANDOM.random((70, 130), np.float32)
    alpha[:10], alpha[10:20] = 0, 1
    found = composited(run, foreground, background, alpha)
    wanted = compose(Frame(foreground, 0, 0), Matte(alpha), background)
    assert np.abs(found.astype(int) - wanted.astype(int)).max() <= 1
    exact = alpha[..., None] * foreground + (1 - alpha[..., None]) * background
    assert np.abs(found - exact).max() <= 0.51


def test_full_and_no_alpha_leave_every_level_as_it_is(run: Run) -> None:
    levels = np.arange(256, dtype=np.uint8)
    foreground = np.repeat(levels, 3).reshape(1, 256, 3)
    background = np.ascontiguousarray(foreground[:, ::-1])
    for value, wanted in ((1.0, foreground), (0.0, background)):
        alpha = np.full((1, 256), value, np.float32)
        assert (composited(run, foreground, background, alpha) == wanted).all()


@pytest.mark.parametrize("bad", [np.nan, -np.inf, -3.0])
def test_an_alpha_that_is_no_alpha_shows_the_background(run: Run, bad: float) -> None:
    foreground, background = picture(8, 8), picture(8, 8)
    alpha = np.full((8, 8), bad, np.float32)
    assert (composited(run, foreground, background, alpha) == background).all()


def test_threads_beyond_the_picture_write_nothing(run: Run) -> None:
    foreground = picture(33, 9)  # the grid is 64 x 16
    memory = np.full(33 * 9 * 3 + 4096, 77, np.uint8)
    image = memory[: 33 * 9 * 3].reshape(9, 33, 3)
    alpha = np.ones((9, 33), np.float32)
    run("composite", (33, 9), foreground, foreground, alpha, image, 33, 9)
    assert (image == foreground).all()
    assert (memory[33 * 9 * 3 :] == 77).all()
