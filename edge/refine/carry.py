"""Moves a matte along with the picture, for frames that a slow model has not seen."""

from __future__ import annotations

import cv2
import numpy as np

from edge.frame import Alpha, Rgb
from edge.refine.motion import Grey, Motion, grey, moved

FLOW_SIDE = 320  # pixels: half the error, after a quarter of a second, that 160 has
# The mean error of a picture that moved, as a part of its contrast, was 0.13 at most over half a
# second of four clips; that of one scene against another 0.47 at least, of 400 pairs.
CUT = 0.3
NOISE = 2.0  # grey levels that a camera adds to a picture without contrast
TOLERANCE = 25.0  # grey levels; where the moved picture differs more, its edge is not believed
EDGE = 9  # window in pixels of alpha: how far around the outline something may have been uncovered


class Carrier:
    """
    Keeps one matte and the picture it was made of. Not for several threads.

    Where the picture does not go with the flow, something was uncovered: near the outline that may
    be the room, so that alpha fades there; inside a person it is a mouth or an eye, and stays.
    """

    def __init__(self) -> None:
        self._motion = Motion()
        self._kept: tuple[Alpha, Grey] | None = None

    def forget(self) -> None:
        """There is nothing to carry any more."""
        self._kept = None

    def keep(self, alpha: Alpha, picture: Rgb) -> None:
        """
        Carry ``alpha`` from now on.

        Args:
            alpha: (h, w) float32.
            picture: (h, w, 3) uint8, its frame at that size.
        """
        self._kept = np.asarray(alpha, np.float32), grey(picture, FLOW_SIDE)

    def carried(self, picture: Rgb) -> Alpha | None:
        """
        The matte of ``picture``, (h, w, 3) uint8 of the kept one's size.

        Returns:
            (h, w) float32. An alpha that is not finite comes back as it is, for the guard to see.
            None where there is none, or where the picture shows another scene.
        """
        if self._kept is None:
            return None
        alpha, before = self._kept
        if alpha.shape != picture.shape[:2] or not np.isfinite(alpha).all():
            return alpha if alpha.shape == picture.shape[:2] else None
        now = grey(picture, FLOW_SIDE)
        flow, error = self._motion.between(before, now)
        if float(error.mean()) > CUT * float(now.std()) + NOISE:
            return None
        here = moved(alpha, flow)
        trust = cv2.resize(np.exp(-np.square(error / TOLERANCE)), here.shape[::-1])
        window = np.ones((EDGE, EDGE), np.uint8)
        outline = cv2.dilate(here, window) - cv2.erode(here, window)
        return np.asarray(here * (1 - outline * (1 - trust)), np.float32)
