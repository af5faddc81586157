"""Reshapes a matte pixel by pixel: which alpha is the edge, and how wide it is."""

from __future__ import annotations

import numpy as np

from edge.frame import Alpha


def levels(alpha: Alpha, threshold: float, softness: float) -> Alpha:
    """
    Move ``threshold`` to one half and narrow the ramp around it; 0 stays 0 and 1 stays 1.

    Args:
        alpha: (h, w) float32 in [0, 1].
        threshold: in (0, 1).
        softness: width of the ramp in alpha, in (0, 1]; 1 keeps all of it.

    Returns:
        (h, w) float32 in [0, 1]; ``alpha`` itself for a threshold of 0.5 and a softness of 1.
    """
    if threshold == 0.5 and softness == 1:
        return alpha
    low = threshold * (1 - softness)
    high = threshold + (1 - threshold) * softness
    below = (alpha - low) * (0.5 / (threshold - low))
    above = 1 - (high - alpha) * (0.5 / (high - threshold))
    # Two lines that meet at one half. Which of them counts on its own side depends on which is the
    # steeper: the smaller one for a low threshold, the larger for a high one.
    ramp = np.minimum(below, above) if threshold < 0.5 else np.maximum(below, above)
    return np.asarray(np.clip(ramp, 0, 1), np.float32)
