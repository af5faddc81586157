"""MAD: mean absolute difference."""

from __future__ import annotations

import numpy as np

from bench.measures.shapes import same_shape
from edge.frame import Alpha


def mad(alpha: Alpha, truth: Alpha) -> float:
    """Mean absolute difference, x 1e3."""
    same_shape(alpha, truth)
    return float(np.abs(alpha - truth).mean(dtype=np.float64) * 1e3)
