"""From what a model says of a frame to the matte that is composited."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial

import cv2
import numpy as np

from edge.controls import MatteControls
from edge.frame import Alpha, Frame, Matte, Rgb
from edge.refine.cutout import Cutout
from edge.refine.foreground import colour_change
from edge.refine.guided import Guide
from edge.refine.levels import levels
from edge.refine.people import NOBODY, Seen, find_foreground
from edge.refine.presence import PresenceGate
from edge.refine.shift import shifted
from edge.refine.temporal import TemporalSmoother
from edge.state import Foreground

FULL = 0.97  # a matte that covers more is a fault for the guard to see, not one to smooth over


class Refiner:
    """
    Refines one stream of mattes, in order. Not for several threads.

    Attributes:
        seen: finds out who is in the last refined frame.
    """

    def __init__(self) -> None:
        self._temporal = TemporalSmoother()
        self._gate = PresenceGate()
        self.reset()

    def reset(self) -> None:
        """Forget earlier frames: the next one starts a new scene."""
        self._temporal.reset()
        self._gate.reset()
        self._sizes: tuple[tuple[int, ...], ...] | None = None
        self.seen: Seen = lambda: NOBODY

    @property
    def foreground(self) -> Foreground:
        """Who is in the last refined frame."""
        return self.seen()

    def refine(self, frame: Frame, matte: Matte, controls: MatteControls) -> Cutout:
        """
        Apply ``controls``. Each that is off leaves the matte bit for bit as it was.

        A frame or alpha of another size than before starts a new scene. An alpha that is not
        finite somewhere comes back as NaN everywhere, and one that covers the whole frame comes
        back unrefined: both are for the caller's guard to see.

        Args:
            matte: alpha (h, w) at the model's resolution; its own foreground is kept.

        Returns:
            The matte, alpha and estimated foreground at the frame's size.
        """
        sizes = (frame.image.shape, matte.alpha.shape)
        if self._sizes != sizes:
            self.reset()
            self._sizes = sizes
        alpha = np.ascontiguousarray(matte.alpha, np.float32)
        # The sum of a hundred thousand numbers is finite only if all of them are, in 20 us.
        if not math.isfinite(float(alpha.sum())):
            self.reset()
            return Cutout(frame.image, np.full_like(alpha, np.nan), own=matte.foreground)
        if np.count_nonzero(alpha > 0.5) > FULL * alpha.size:
            self.reset()
            self.seen = partial(find_foreground, alpha, frame.size)
            return Cutout(frame.image, alpha, own=matte.foreground)
        picture = shrunk(frame.image, alpha.shape)
        alpha = self._temporal.smooth(alpha, picture, controls.temporal)
        alpha = self._at_model_size(replace(matte, alpha=alpha), frame, controls)
        self.seen = partial(find_foreground, alpha, frame.size)
        guide = change = None
        if controls.upsampling == "guided" and alpha.shape != frame.image.shape[:2]:
            guide = Guide.of(alpha, picture)
        if controls.foreground_estimation and matte.foreground is None:
            change = colour_change(alpha, picture)
        return Cutout(frame.image, alpha, guide, change, matte.foreground)

    def _at_model_size(self, matte: Matte, frame: Frame, controls: MatteControls) -> Alpha:
        alpha, opacity = matte.alpha, 1.0
        if controls.presence:
            opacity = self._gate.opacity(alpha, frame.captured_ns, matte.presence)
        else:
            self._gate.reset()
        if opacity == 0:
            return np.zeros_like(alpha)
        alpha = levels(alpha, controls.threshold, controls.softness)
        width, height = frame.size
        alpha = shifted(alpha, controls.edge_shift_px, width / height)
        # The last step, for levels would turn a fade into a jump.
        return alpha if opacity == 1 else np.asarray(alpha * np.float32(opacity), np.float32)


def shrunk(image: Rgb, shape: tuple[int, ...]) -> Rgb:
    """
    ``image`` at the size of an array of ``shape`` (h, w), each pixel a mean of what it covers.

    Halving by area is quick and leaves little for the bilinear step to skip over.
    """
    height, width = shape[:2]
    while image.shape[1] >= 2 * width and image.shape[0] >= 2 * height:
        half = image.shape[1] // 2, image.shape[0] // 2
        image = np.asarray(cv2.resize(image, half, interpolation=cv2.INTER_AREA), np.uint8)
    if image.shape[:2] == (height, width):
        return image
    return np.asarray(cv2.resize(image, (width, height)), np.uint8)
