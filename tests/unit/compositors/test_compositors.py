"""The compositors' seam and its kind on the CPU; the GPU's is tested with the CUDA driver."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from edge import plugins
from edge.compose import compose
from edge.cuda import driver
from edge.errors import InputError, ModelError
from edge.frame import Frame, Matte

ROOM = "edge.compositors"
RANDOM = np.random.default_rng(7)


def test_there_is_one_for_the_cpu_and_one_for_the_gpu() -> None:
    assert plugins.schemes(ROOM) == ["cuda", "opencv"]


def test_a_matte_of_the_frames_size_is_used_as_it_is() -> None:
    image, background = RANDOM.integers(0, 256, (2, 12, 20, 3), np.uint8)
    frame, matte = Frame(image, 0, 0), Matte(RANDOM.random((12, 20), np.float32))
    found = plugins.make(ROOM, "opencv:").compose(frame, matte, background)
    assert (found == compose(frame, matte, background)).all()


def test_a_smaller_matte_is_brought_to_the_frames_size() -> None:
    image, background = RANDOM.integers(0, 256, (2, 12, 20, 3), np.uint8)
    frame, alpha = Frame(image, 0, 0), RANDOM.random((3, 5), np.float32)
    large = cv2.resize(alpha, (20, 12), interpolation=cv2.INTER_LINEAR)
    found = plugins.make(ROOM, "opencv").compose(frame, Matte(alpha), background)
    assert (found == compose(frame, Matte(np.asarray(large, np.float32)), background)).all()


def test_the_mattes_own_foreground_is_kept() -> None:
    image, background, foreground = RANDOM.integers(0, 256, (3, 12, 20, 3), np.uint8)
    matte = Matte(np.ones((3, 5), np.float32), foreground)
    found = plugins.make(ROOM, "opencv").compose(Frame(image, 0, 0), matte, background)
    assert np.abs(found.astype(int) - foreground).max() <= 1


def test_a_background_of_another_size_is_refused() -> None:
    frame = Frame(np.zeros((12, 20, 3), np.uint8), 0, 0)
    with pytest.raises(ValueError, match="background"):
        plugins.make(ROOM, "opencv").compose(
            frame, Matte(np.ones((12, 20), np.float32)), np.zeros((6, 10, 3), np.uint8)
        )


def test_an_argument_is_refused() -> None:
    with pytest.raises(InputError, match="takes no argument"):
        plugins.make(ROOM, "opencv:fast")


def test_without_a_gpu_the_one_for_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "LIBRARY", "libcuda-not-here.so")
    with pytest.raises(ModelError, match="no NVIDIA GPU"):
        plugins.make(ROOM, "cuda:")
    with pytest.raises(InputError, match="pycuda or cuda-python"):
        plugins.make(ROOM, "cuda:hip")
