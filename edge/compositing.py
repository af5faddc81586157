"""One frame's way to its composite: matte, refine, judge, compose."""

from __future__ import annotations

import time

import cv2
import numpy as np

from edge.compositors import Compositor
from edge.frame import Composite, Frame, Matte, Rgb
from edge.guard import Guard, Verdict
from edge.look import Look
from edge.refine import Refiner
from edge.state import Foreground
from edge.stats import Stats


class Compositing:
    """
    Composites one stream of frames, in order. Not for several threads.

    Args:
        stats: is told how long each stage took.
        compositor: puts the person before the background.
    """

    def __init__(self, stats: Stats, compositor: Compositor) -> None:
        self._stats = stats
        self._compositor = compositor
        self._refiner = Refiner()
        self._guard = Guard()

    @property
    def foreground(self) -> Foreground:
        """Who is in the last composite."""
        return self._refiner.foreground

    @property
    def reason(self) -> str:
        """Why the last frame was withheld."""
        return self._guard.reason

    def reset(self) -> None:
        """The next frame starts a new scene, or comes from another model."""
        self._refiner.reset()
        self._guard.reset()

    def composite(self, frame: Frame, look: Look) -> Composite | Verdict:
        """
        Put what is in front in ``frame`` before the background of ``look``.

        Returns:
            The composite; or HOLD or SLATE, if its matte cannot be right and ``reason`` says why.

        Raises:
            ModelError: the model failed.
        """
        self._stats.add("capture", (time.monotonic_ns() - frame.captured_ns) / 1e9)
        frame = frame.with_image(prepared(frame.image, look.mirror))
        with self._stats.timed("matte"):
            raw = look.model.matte(frame)
        matte = self._refined(frame, raw, look)
        if isinstance(matte, Verdict):
            return matte
        with self._stats.timed("compose"):
            behind = look.background.behind(frame, matte)
            image = self._compositor.compose(frame, matte, behind)
        original = frame.image if look.keep_original else None
        return Composite(
            image, frame.index, frame.captured_ns, time.monotonic_ns(), original=original
        )

    def _refined(self, frame: Frame, raw: Matte, look: Look) -> Matte | Verdict:
        verdict = self._guard.judge_model(raw)
        if verdict is not Verdict.SHOW:
            self._refiner.reset()  # whatever was not finite must not linger in its memory
            return verdict
        with self._stats.timed("refine"):
            matte = self._refiner.refine(frame, raw, look.controls)
        if not look.background.shows_room:
            verdict = self._guard.judge(matte.alpha)
        return matte if verdict is Verdict.SHOW else verdict


def prepared(image: Rgb, mirror: bool) -> Rgb:
    """
    The picture as it is matted and shown: mirrored if wanted, and of an even size for the codecs.

    Args:
        image: (H, W, 3) uint8.

    Returns:
        (H - H % 2, W - W % 2, 3) uint8, C-contiguous; ``image`` itself where nothing is to do.
    """
    height, width = image.shape[:2]
    if height % 2 or width % 2:
        image = np.ascontiguousarray(image[: height - height % 2, : width - width % 2])
    return np.asarray(cv2.flip(image, 1), np.uint8) if mirror else image
