"""Steadies a matte between frames along the motion of the picture, so that it does not trail."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.frame import Alpha, Rgb

FLOW_SIDE = 160  # flow is smooth: at this size it costs a fifth and is as good
TOLERANCE = 12.0  # grey levels; where the moved picture differs more, the past is not believed


class TemporalSmoother:
    """
    Blends each alpha with the one before, moved by optical flow to where things are now.

    The past counts only where the moved picture agrees with the present one: what is newly
    uncovered, or changed too much for the flow, takes the present alpha at once. Flow is DIS
    (Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV 2016).
    """

    def __init__(self) -> None:
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_ULTRAFAST)
        self.reset()

    def reset(self) -> None:
        """Forget the frame before: the next one starts a new scene."""
        self._before: tuple[NDArray[np.uint8], Alpha] | None = None

    def smooth(self, alpha: Alpha, picture: Rgb, strength: float) -> Alpha:
        """
        Args:
            alpha: (h, w) float32, finite.
            picture: (h, w, 3) uint8, the frame at alpha's size.
            strength: how much the past counts where it agrees, 0 (off) to below 1.

        Returns:
            (h, w) float32; ``alpha`` itself for a first frame or where this is off.
        """
        if strength <= 0:
            self.reset()
            return alpha
        grey = _grey(picture)
        if self._before is not None and self._before[1].shape == alpha.shape:
            alpha = self._blend(alpha, grey, *self._before, strength)
        self._before = (grey, alpha)
        return alpha

    def _blend(
        self, alpha: Alpha, grey: NDArray[np.uint8], grey_before: NDArray[np.uint8],
        before: Alpha, strength: float,
    ) -> Alpha:  # fmt: skip
        flow = self._flow.calc(grey, grey_before, None)  # type: ignore[call-overload]  # None: a new one
        moved = _sample(grey_before, flow)
        error = cv2.absdiff(cv2.blur(grey, (3, 3)), cv2.blur(moved, (3, 3))).astype(np.float32)
        trust = strength * np.exp(-np.square(error / TOLERANCE))
        size = alpha.shape[1], alpha.shape[0]
        scale = size[0] / grey.shape[1], size[1] / grey.shape[0]
        past = _sample(before, cv2.resize(flow, size) * np.asarray(scale, np.float32))
        return np.asarray(alpha + cv2.resize(trust, size) * (past - alpha), np.float32)


def _grey(picture: Rgb) -> NDArray[np.uint8]:
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    scale = min(1.0, FLOW_SIDE / max(width, height))
    # DIS flow reads outside a picture of under 32 lines: it brings the process down.
    size = max(32, round(width * scale)), max(32, round(height * scale))
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)


def _sample(values: NDArray[np.uint8] | Alpha, flow: NDArray[np.float32]) -> NDArray[np.float32]:
    """``values`` where ``flow`` says each pixel was before, bilinearly."""
    height, width = flow.shape[:2]
    across = flow[..., 0] + np.arange(width, dtype=np.float32)
    down = flow[..., 1] + np.arange(height, dtype=np.float32)[:, None]
    moved = cv2.remap(values, across, down, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved)
