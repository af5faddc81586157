"""Conn: is everything connected to the main body that should be."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.measures.shapes import same_shape
from edge.frame import Alpha

LEVELS = 10  # steps of alpha, of 0.1 each
TOLERANCE = 0.15  # a smaller disconnection is not seen


def conn(alpha: Alpha, truth: Alpha) -> float:
    """Sum over all pixels of the difference in degree of connectedness, / 1e3."""
    same_shape(alpha, truth)
    connected = _connected_up_to(alpha, truth)
    difference = np.abs(_degree(alpha, connected) - _degree(truth, connected))
    return float(difference.sum(dtype=np.float64) / 1e3)


def _connected_up_to(alpha: Alpha, truth: Alpha) -> Alpha:
    """For each pixel the highest level at which it belongs to the body that both mattes share."""
    connected = np.zeros_like(truth)
    held = np.ones(truth.shape, np.bool_)
    both = np.minimum(alpha, truth)
    for step in range(1, LEVELS + 1):
        level = step / LEVELS
        held &= _largest_component(both >= level)
        connected[held] = level
    return connected


def _largest_component(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    count, labels, stats, _ = cv2.connectedComponentsWithStats(
        mask.astype(np.uint8), connectivity=4
    )
    if count < 2:
        return np.zeros_like(mask)
    return np.asarray(labels == 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax()))


def _degree(alpha: Alpha, connected: Alpha) -> Alpha:
    distance = alpha - connected
    return np.asarray(1 - distance * (distance >= TOLERANCE), np.float32)
