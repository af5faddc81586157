"""MSE: mean squared error."""

from __future__ import annotations

import numpy as np

from bench.measures.shapes import same_shape
from edge.frame import Alpha


def mse(alpha: Alpha, truth: Alpha) -> float:
    """Mean squared difference, x 1e3: a wrong limb weighs more than a slightly soft edge."""
    same_shape(alpha, truth)
    return float(np.square(alpha - truth).mean(dtype=np.float64) * 1e3)
