"""
Grad, Conn, MAD and dtSSD, against the steps of the programs that published tables come from.

Those are the evaluation of Xu et al., "Deep Image Matting", and that of Robust Video Matting, told
here anew on SciPy, pixel by pixel where they are. Their Grad first stretches each matte to 0 ... 1,
which changes nothing where both values occur, as they do here.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from bench.measures import conn, dtssd, grad, mad, mse
from edge.drawn.presenter import paint

ndimage = pytest.importorskip("scipy.ndimage", reason="SciPy is not installed")


def mattes(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A true alpha with soft edges, and one that is moved, torn and noisy; both reach 0 and 1."""
    rng = np.random.default_rng(seed)
    truth = paint(7 * seed, (96, 72))[1]
    alpha = np.roll(truth, (1, -2), (0, 1)) * (rng.random(truth.shape) < 0.97)
    alpha = np.clip(alpha + 0.2 * (rng.random(truth.shape) - 0.5) * (alpha > 0), 0, 1)
    alpha[5:9, 5:11] = 0.8  # an island
    alpha.flat[0], alpha.flat[1] = 0, 1
    return alpha.astype(np.float32), truth


def published_grad(alpha: np.ndarray, truth: np.ndarray, sigma: float = 1.4) -> float:
    half = math.ceil(sigma * math.sqrt(-2 * math.log(math.sqrt(2 * math.pi) * sigma * 1e-2)))
    across = np.zeros((2 * half + 1, 2 * half + 1))
    for i in range(-half, half + 1):
        for j in range(-half, half + 1):
            bell = math.exp(-(i**2) / (2 * sigma**2)) / (sigma * math.sqrt(2 * math.pi))
            slope = -j * math.exp(-(j**2) / (2 * sigma**2)) / (sigma**3 * math.sqrt(2 * math.pi))
            across[i + half, j + half] = bell * slope
    across /= math.sqrt((across**2).sum())

    def magnitude(values: np.ndarray) -> np.ndarray:
        values = values.astype(np.float64)
        parts = (ndimage.correlate(values, k, mode="nearest") for k in (across, across.T))
        return np.sqrt(sum(part**2 for part in parts))

    return float(((magnitude(alpha) - magnitude(truth)) ** 2).sum() / 1000)


def published_conn(alpha: np.ndarray, truth: np.ndarray) -> float:
    steps = np.linspace(0, 1, 11).astype(np.float32)
    level = np.full(truth.shape, -1.0)
    for before, step in zip(steps, steps[1:], strict=False):
        labels, count = ndimage.label((alpha >= step) & (truth >= step))  # four neighbours
        sizes = np.bincount(labels.ravel(), minlength=2)[1:]
        largest = labels == 1 + sizes.argmax() if count else np.zeros(truth.shape, bool)
        level[(level == -1) & ~largest] = before
    level[level == -1] = 1
    away = [values - level for values in (alpha, truth)]
    degree = [1 - distance * (distance >= 0.15) for distance in away]
    return float(np.abs(degree[0] - degree[1]).sum() / 1000)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_grad_and_conn_are_those_of_the_published_program(seed: int):
    alpha, truth = mattes(seed)
    assert grad(alpha, truth) == pytest.approx(published_grad(alpha, truth), rel=1e-4)
    assert conn(alpha, truth) == pytest.approx(published_conn(alpha, truth), rel=1e-4)
    assert conn(alpha, truth) > 0.01


def test_mad_mse_and_dtssd_are_in_the_units_of_the_published_tables():
    (alpha, truth), (before, truth_before) = mattes(2), mattes(1)
    a, t, b, s = (x.astype(np.float64) for x in (alpha, truth, before, truth_before))
    assert mad(alpha, truth) == pytest.approx(np.mean(np.abs(a - t)) * 1e3, rel=1e-5)
    assert mse(alpha, truth) == pytest.approx(np.mean((a - t) ** 2) * 1e3, rel=1e-5)
    flicker = np.sqrt(np.sum(((a - b) - (t - s)) ** 2) / a.size) * 1e2
    assert dtssd(alpha, before, truth, truth_before) == pytest.approx(flicker, rel=1e-5)
