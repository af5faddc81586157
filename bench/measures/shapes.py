"""Two mattes can only be compared where they cover the same pixels."""

from __future__ import annotations

from edge.frame import Alpha


def same_shape(alpha: Alpha, truth: Alpha) -> None:
    """
    Raises:
        ValueError: the shapes differ. Without this, broadcasting would measure something else.
    """
    if alpha.shape != truth.shape or alpha.ndim != 2:
        raise ValueError(f"alpha is {alpha.shape}, truth is {truth.shape}: both must be one (H, W)")
