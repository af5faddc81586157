"""Steadies a matte between frames along the motion of the picture, so that it does not trail."""

from __future__ import annotations

import cv2
import numpy as np

from edge.frame import Alpha, Rgb
from edge.refine.motion import Grey, Motion, grey, moved

FLOW_SIDE = 160  # flow is smooth: at this size it costs a fifth and is as good
TOLERANCE = 12.0  # grey levels; where the moved picture differs more, the past is not believed


class TemporalSmoother:
    """
    Blends each alpha with the one before, moved by optical flow to where things are now.

    The past counts only where the moved picture agrees with the present one: what is newly
    uncovered, or changed too much for the flow, takes the present alpha at once.
    """

    def __init__(self) -> None:
        self._motion = Motion()
        self.reset()

    def reset(self) -> None:
        """Forget the frame before: the next one starts a new scene."""
        self._before: tuple[Grey, Alpha] | None = None

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
        now = grey(picture, FLOW_SIDE)
        if self._before is not None and self._before[1].shape == alpha.shape:
            alpha = self._blend(alpha, now, *self._before, strength)
        self._before = (now, alpha)
        return alpha

    def _blend(
        self, alpha: Alpha, now: Grey, grey_before: Grey, before: Alpha, strength: float
    ) -> Alpha:
        flow, error = self._motion.between(grey_before, now)
        trust = strength * np.exp(-np.square(error / TOLERANCE))
        past = moved(before, flow) - alpha
        return np.asarray(alpha + cv2.resize(trust, (alpha.shape[1], alpha.shape[0])) * past)
