"""Grad: are edges as steep as they should be, and where they should be."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.measures.shapes import same_shape
from edge.frame import Alpha

SIGMA = 1.4  # of the Gaussian, as in the paper
EPSILON = 0.01  # the filter is cut off where it falls under this


def grad(alpha: Alpha, truth: Alpha) -> float:
    """Sum over all pixels of the squared difference of gradient magnitudes, / 1e3."""
    same_shape(alpha, truth)
    difference = _magnitude(alpha) - _magnitude(truth)
    return float(np.square(difference).sum(dtype=np.float64) / 1e3)


def _magnitude(alpha: Alpha) -> Alpha:
    smooth, slope = _kernels()
    border = cv2.BORDER_REPLICATE
    across = cv2.sepFilter2D(alpha, cv2.CV_32F, slope, smooth, borderType=border)
    down = cv2.sepFilter2D(alpha, cv2.CV_32F, smooth, slope, borderType=border)
    return np.asarray(cv2.magnitude(across, down), np.float32)


def _kernels() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A Gaussian and its derivative whose outer product has unit L2 norm."""
    reach = math.ceil(SIGMA * math.sqrt(-2 * math.log(math.sqrt(2 * math.pi) * SIGMA * EPSILON)))
    x = np.arange(-reach, reach + 1, dtype=np.float64)
    smooth = np.exp(-np.square(x) / (2 * SIGMA**2))
    slope = x * smooth
    return smooth / np.linalg.norm(smooth), slope / np.linalg.norm(slope)
