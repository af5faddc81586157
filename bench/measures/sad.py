"""SAD: sum of absolute differences."""

from __future__ import annotations

import numpy as np

from bench.measures.shapes import same_shape
from edge.frame import Alpha


def sad(alpha: Alpha, truth: Alpha) -> float:
    """Sum over all pixels of the absolute difference, / 1e3: it grows with the picture."""
    same_shape(alpha, truth)
    return float(np.abs(alpha - truth).sum(dtype=np.float64) / 1e3)
