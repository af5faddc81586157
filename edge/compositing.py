"""A matted frame's way to its composite: refine, judge, compose."""

from __future__ import annotations

import time

from edge.compositors import Compositor
from edge.frame import Composite, Frame, Matte
from edge.guard import Guard, Verdict
from edge.look import Look
from edge.refine import Refiner
from edge.refine.cutout import Cutout
from edge.refine.people import Seen
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
    def seen(self) -> Seen:
        """Finds out who is in the last composite."""
        return self._refiner.seen

    @property
    def reason(self) -> str:
        """Why the last frame was withheld."""
        return self._guard.reason

    def reset(self) -> None:
        """The next frame starts a new scene, or comes from another model."""
        self._refiner.reset()
        self._guard.reset()

    def composite(self, frame: Frame, raw: Matte, look: Look) -> Composite | Verdict:
        """
        Put what is in front in ``frame`` before the background of ``look``.

        Args:
            raw: what the model says of ``frame``.

        Returns:
            The composite; or HOLD or SLATE, if its matte cannot be right and ``reason`` says why.
        """
        matte = self._refined(frame, raw, look)
        if isinstance(matte, Verdict):
            return matte
        with self._stats.timed("compose"):
            behind = look.background.behind(frame, Matte(matte.coarse))
            image = self._compositor.compose(frame, matte, behind)
        original = frame.image if look.keep_original else None
        return Composite(
            image,
            frame.index,
            frame.captured_ns,
            time.monotonic_ns(),
            original=original,
            alpha=lambda: matte.alpha,
        )

    def _refined(self, frame: Frame, raw: Matte, look: Look) -> Cutout | Verdict:
        verdict = self._guard.judge_model(raw)
        if verdict is not Verdict.SHOW:
            self._refiner.reset()  # whatever was not finite must not linger in its memory
            return verdict
        with self._stats.timed("refine"):
            matte = self._refiner.refine(frame, raw, look.controls)
        if not look.background.shows_room:
            verdict = self._guard.judge(matte.coarse)
        return matte if verdict is Verdict.SHOW else verdict
