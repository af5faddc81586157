"""
How a picture moved, and something else moved the same way.

Flow is DIS (Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV 2016).
"""

from __future__ import annotations

from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.frame import Alpha, Rgb

Grey: TypeAlias = NDArray[np.uint8]  # (h, w)
Flow: TypeAlias = NDArray[np.float32]  # (h, w, 2): where each pixel was before, less where it is


def grey(picture: Rgb, side: int) -> Grey:
    """``picture`` (H, W, 3) without colour, its longer side ``side`` pixels at most."""
    whole = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    height, width = whole.shape
    scale = min(1.0, side / max(width, height))
    # DIS flow reads outside a picture of under 32 lines: it brings the process down.
    size = max(32, round(width * scale)), max(32, round(height * scale))
    return np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), np.uint8)


class Motion:
    """Finds flow. Not for several threads."""

    def __init__(self) -> None:
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)

    def between(self, before: Grey, now: Grey) -> tuple[Flow, NDArray[np.float32]]:
        """
        Returns:
            The flow, and how far, in grey levels, ``before`` moved by it is from ``now``: (h, w).
        """
        flow = np.asarray(self._flow.calc(now, before, None), np.float32)  # type: ignore[call-overload]  # None: a new one
        error = cv2.absdiff(cv2.blur(now, (3, 3)), cv2.blur(_sample(before, flow), (3, 3)))
        return flow, error.astype(np.float32)


def moved(alpha: Alpha, flow: Flow) -> Alpha:
    """``alpha``, of any size, as it went with ``flow``."""
    size = alpha.shape[1], alpha.shape[0]
    scale = size[0] / flow.shape[1], size[1] / flow.shape[0]
    scaled = np.asarray(cv2.resize(flow, size) * np.asarray(scale, np.float32), np.float32)
    went = _sample(alpha, scaled)
    return np.minimum(went, 1, out=went)  # the weights of four ones may sum to a little more


def _sample(values: Grey | Alpha, flow: Flow) -> NDArray[np.float32]:
    """``values`` where ``flow`` says each pixel was before, bilinearly."""
    height, width = flow.shape[:2]
    across = flow[..., 0] + np.arange(width, dtype=np.float32)
    down = flow[..., 1] + np.arange(height, dtype=np.float32)[:, None]
    sampled = cv2.remap(values, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(sampled)
