"""What the tests on a real GPU share. Each skips, saying why, where something is not at hand."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.cuda.driver import Gpu, require_gpu
from edge.errors import EdgeError
from edge.frame import Frame
from edge.zoo import Zoo, default_cache


@pytest.fixture(scope="session")
def gpu() -> Gpu:
    """The first CUDA device."""
    try:
        return require_gpu()
    except EdgeError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def u2netp() -> Path:
    """The published U2NETP as the service runs it, from the user's cache or fetched into it."""
    try:
        return Zoo(default_cache()).path("u2netp")
    except EdgeError as error:
        pytest.skip(f"U2NETP is not at hand: {error}")


@pytest.fixture(scope="session")
def frames() -> list[Frame]:
    """A figure before a wall, at several places; something that a saliency network finds."""
    made = []
    for index in range(8):
        image = np.full((720, 1280, 3), (170, 180, 190), np.uint8)
        image[:, :, 0] -= np.linspace(0, 60, 1280, dtype=np.uint8)
        centre = 500 + 40 * index
        cv2.ellipse(image, (centre, 620), (230, 260), 0, 0, 360, (30, 60, 120), -1, cv2.LINE_AA)
        cv2.ellipse(image, (centre, 260), (95, 130), 0, 0, 360, (220, 170, 140), -1, cv2.LINE_AA)
        soft = np.asarray(cv2.GaussianBlur(image, (0, 0), 1.5), np.uint8)
        made.append(Frame(soft, index, index))
    return made
