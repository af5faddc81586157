"""From a picture and its alpha to a cut-out that can be put anywhere: colours and shoulders."""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.frame import Alpha, Rgb

TOUCH = 0.5  # alpha from which the person runs over the picture's border
PURE = 3  # power of alpha as a weight: a mixed pixel says little of either colour
HIGHEST = 0.35  # of the height: what is cut above is a head or a raised arm, and no shoulder
Colors = NDArray[np.float32]  # (H, W, 3)


def foreground_colors(image: Rgb, alpha: Alpha) -> Rgb:
    """
    Estimate F of I = aF + (1 - a)B, (H, W, 3) uint8, everywhere; also where alpha is 0.

    Blur fusion of Forte, "Approximate Fast Foreground Colour Estimation", ICIP 2021: twice, from
    coarse to fine; but nearly pure colours count for more than there.
    """
    observed = image.astype(np.float32)
    a = alpha[..., None]
    coarse = max(3, max(alpha.shape) // 8) | 1
    f, b = observed, observed
    for size in (coarse, 7):
        near_f = _weighted(f, alpha**PURE, size)
        near_b = _weighted(b, (1 - alpha) ** PURE, size)
        f = near_f + a * (observed - a * near_f - (1 - a) * near_b)
        f, b = np.clip(f, 0, 255), near_b
    return np.rint(f).astype(np.uint8)


def carry_on_shoulders(colors: Rgb, alpha: Alpha) -> tuple[Rgb, Alpha, int]:
    """
    Widen a cut-out whose shoulders end at the picture's sides, so that none ends in a straight cut.

    The shoulder's edge falls away as a parabola; its colours are the mirrored ones.

    Returns:
        colours, alpha, and how many columns came on the left.
    """
    left, right = _line(alpha), _line(alpha[:, ::-1])
    widths = [0 if line is None else round(0.5 * (len(alpha) - line)) for line in (left, right)]
    widths = [min(width, alpha.shape[1] - 1) for width in widths]
    wide = cv2.copyMakeBorder(colors, 0, 0, widths[0], widths[1], cv2.BORDER_REFLECT)
    parts = [alpha]
    if left is not None:
        parts.insert(0, _shoulder(len(alpha), left, widths[0])[:, ::-1])
    if right is not None:
        parts.append(_shoulder(len(alpha), right, widths[1]))
    return cast(Rgb, wide), np.concatenate(parts, axis=1), widths[0]


def _line(alpha: Alpha) -> int | None:
    """The row at which a shoulder is cut by the left side; None if none is."""
    inside = alpha[:, :3].mean(axis=1) > TOUCH
    if not inside[-1]:
        return None
    outside = np.flatnonzero(~inside)
    top = int(outside[-1]) + 1 if outside.size else 0
    return top if HIGHEST * len(alpha) < top < len(alpha) - 4 else None


def _shoulder(height: int, top: int, width: int) -> Alpha:
    """Alpha (height, width) under a parabola that leaves row ``top`` and reaches the bottom."""
    x = (np.arange(width, dtype=np.float32) + 0.5) / max(1, width)
    edge = top + (height - top) * x**2
    return np.clip(np.arange(height, dtype=np.float32)[:, None] - edge + 0.5, 0, 1)


def _weighted(colors: Colors, weight: Alpha, size: int) -> Colors:
    """Mean of the colours around each pixel, each counted by its weight."""
    total = cv2.boxFilter(colors * weight[..., None], -1, (size, size))
    share = cv2.boxFilter(weight, -1, (size, size))
    return cast(Colors, total / (share[..., None] + 1e-4))
