"""``python -m bench stages``: what each stage of the picture's way costs, one after the other."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from typing import TypeVar

import cv2
import numpy as np

from edge.compositors.opencv import OpenCv
from edge.controls import MatteControls
from edge.drawn.presenter import paint
from edge.frame import Alpha, Frame, Matte, Rgb
from edge.matting import MattingModel
from edge.refine import Refiner, shrunk
from edge.refine.foreground import colour_change
from edge.refine.guided import Guide
from edge.refine.levels import levels
from edge.refine.presence import PresenceGate
from edge.refine.shift import shifted
from edge.refine.temporal import TemporalSmoother

WARM_UP = 5  # frames not counted: first calls load kernels and touch fresh memory
DISTINCT = 25  # frames that are drawn, then shown again and again
FPS = 25.0

T = TypeVar("T")


class Stopwatch:
    """Collects the seconds that each named stage took."""

    def __init__(self) -> None:
        self._times_s: dict[str, list[float]] = defaultdict(list)

    def time(self, stage: str, work: Callable[[], T]) -> T:
        """Do ``work`` and add its time to ``stage``."""
        start = time.perf_counter()
        result = work()
        self._times_s[stage].append(time.perf_counter() - start)
        return result

    def spread_ms(self) -> dict[str, dict[str, float]]:
        """Stage -> its median and 95th percentile, in ms, warm-up left out."""
        return {stage: spread_ms(times[WARM_UP:]) for stage, times in self._times_s.items()}


def spread_ms(times_s: list[float]) -> dict[str, float]:
    """Median and 95th percentile in ms."""
    middle, late = np.percentile(np.asarray(times_s), (50, 95)) * 1e3
    return {"p50": round(float(middle), 3), "p95": round(float(late), 3)}


def time_stages(
    size: tuple[int, int], frames: int, model: MattingModel, controls: MatteControls
) -> dict[str, dict[str, float]]:
    """
    Take a drawn presenter through every stage, in one thread.

    ``refine`` is all of refinement as the service runs it; the stages marked by a dot are its
    parts, each timed alone, and those that ``controls`` turn off are not run. What the frame's
    size needs of the matte is made in ``compose``.

    Args:
        size: (width, height) of the frames, even.
        frames: how many to time, after the warm-up.

    Raises:
        ModelError: the model failed.
    """
    watch, refiner, parts = Stopwatch(), Refiner(), _Parts(controls)
    pictures = [paint(index, size, fps=FPS)[0] for index in range(DISTINCT)]
    background = np.full_like(pictures[0], 96)
    for index in range(WARM_UP + frames):
        image, stamp_ns = pictures[index % DISTINCT], round(index * 1e9 / FPS)
        frame = Frame(image, index, stamp_ns)
        matte = watch.time("model", lambda frame=frame: model.matte(frame))  # type: ignore[misc]
        refined = watch.time(
            "refine",
            lambda frame=frame, matte=matte: refiner.refine(frame, matte, controls),  # type: ignore[misc]
        )
        parts.time(watch, frame, matte)
        _output(watch, frame, refined, background)
    return watch.spread_ms()


def _output(watch: Stopwatch, frame: Frame, refined: Matte, background: Rgb) -> None:
    image = watch.time("compose", lambda: OpenCv().compose(frame, refined, background))
    watch.time("RGB to I420", lambda: cv2.cvtColor(image, cv2.COLOR_RGB2YUV_I420))


class _Parts:
    """The steps of edge.refine.Refiner, in its order."""

    def __init__(self, controls: MatteControls) -> None:
        self._controls = controls
        self._temporal, self._gate = TemporalSmoother(), PresenceGate()

    def time(self, watch: Stopwatch, frame: Frame, matte: Matte) -> None:
        controls, image = self._controls, frame.image
        picture = watch.time(". shrink", lambda: shrunk(image, matte.alpha.shape))
        alpha = self._at_model_size(watch, frame, matte.alpha, picture)
        if controls.foreground_estimation:
            watch.time(". foreground", lambda: colour_change(alpha, picture))
        if controls.upsampling == "guided":
            watch.time(". guide", lambda: Guide.of(alpha, picture))

    def _at_model_size(self, watch: Stopwatch, frame: Frame, alpha: Alpha, picture: Rgb) -> Alpha:
        controls, (width, height) = self._controls, frame.size
        if controls.temporal:
            raw = alpha
            alpha = watch.time(
                ". temporal", lambda: self._temporal.smooth(raw, picture, controls.temporal)
            )
        if controls.presence:
            steady = alpha
            watch.time(". presence", lambda: self._gate.opacity(steady, frame.captured_ns))
        before = alpha
        alpha = watch.time(
            ". levels", lambda: levels(before, controls.threshold, controls.softness)
        )
        if controls.edge_shift_px:
            ramp = alpha
            alpha = watch.time(
                ". edge shift", lambda: shifted(ramp, controls.edge_shift_px, width / height)
            )
        return alpha
