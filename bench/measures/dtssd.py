"""dtSSD: how differently an alpha changes from one frame to the next."""

from __future__ import annotations

import numpy as np

from bench.measures.shapes import same_shape
from edge.frame import Alpha


def dtssd(alpha: Alpha, before: Alpha, truth: Alpha, truth_before: Alpha) -> float:
    """
    Root mean square of (change of alpha - change of truth) between two frames, x 1e2.

    Zero for a matte that is wrong in the same way all the time; a trailing edge costs as much as a
    flickering one.
    """
    same_shape(alpha, truth)
    same_shape(before, truth_before)
    same_shape(alpha, before)
    difference = (alpha - before) - (truth - truth_before)
    return float(np.sqrt(np.square(difference).mean(dtype=np.float64)) * 1e2)
