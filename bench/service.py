"""In-service latency: the whole pipeline at a camera's pace, from frame to composite."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from edge import plugins
from edge.controls import MatteControls
from edge.drawn.presenter import paint
from edge.errors import ModelError
from edge.frame import Composite, Frame, Rgb
from edge.look import Look
from edge.matting import MattingModel
from edge.pipeline import Pipeline
from edge.sources import Granted

FPS = 25.0
WARM_UP_S = 1.5
DISTINCT = 25  # frames drawn beforehand: drawing would take from the service what is measured


class Replay:
    """A Source that shows drawn frames again and again at a camera's pace."""

    label, note = "Drawn frames", ""

    def __init__(self, size: tuple[int, int]) -> None:
        self.granted = Granted(*size, FPS)
        self._pictures: list[Rgb] = [paint(i, size, fps=FPS)[0] for i in range(DISTINCT)]
        self._closed = threading.Event()

    def __iter__(self) -> Iterator[Frame]:
        start, index = time.monotonic(), 0
        while not self._closed.wait(max(0.0, start + index / FPS - time.monotonic())):
            yield Frame(self._pictures[index % DISTINCT], index, time.monotonic_ns())
            index += 1

    def close(self) -> None:
        self._closed.set()


def time_service(
    size: tuple[int, int], seconds: float, model: MattingModel, controls: MatteControls
) -> dict[str, Any]:
    """
    Run the pipeline for ``seconds`` after a warm-up, without viewers.

    Returns:
        ``latency_ms`` p50, p95 and p99; ``fps``; frames ``captured`` and ``dropped``; and
        ``limit_ms``, what p95 is held to: one and a half times the model's own median plus 30 ms.

    Raises:
        ModelError: nothing was matted in that time.
    """
    arrived: list[tuple[float, float, bool]] = []

    def publish(composite: Composite) -> None:
        latency_s = (composite.composited_ns - composite.captured_ns) / 1e9
        arrived.append((time.monotonic(), latency_s, composite.slate is None))

    background = plugins.make("edge.backgrounds", "color:205080")
    pipeline = Pipeline(Replay(size), Look(model, background, controls), publish)
    pipeline.start()
    try:
        time.sleep(WARM_UP_S + seconds)
        figures = pipeline.stats.snapshot(dropped=pipeline.dropped, viewers=0)
        trouble = pipeline.trouble()
    finally:
        pipeline.stop()
    begin = arrived[0][0] + WARM_UP_S
    latencies = [latency for at, latency, matted in arrived if matted and at >= begin]
    own = figures.stages_ms["matte"].p50
    if not latencies or own is None:
        raise ModelError(f"nothing was matted in {seconds:g} s: {trouble or 'the model is slower'}")
    p50, p95, p99 = (round(float(p) * 1e3, 2) for p in np.percentile(latencies, (50, 95, 99)))
    return {
        "latency_ms": {"p50": p50, "p95": p95, "p99": p99},
        "limit_ms": round(1.5 * own + 30, 2),
        "fps": round(len(latencies) / seconds, 2),
        "captured": figures.captured,
        "dropped": figures.dropped,
    }
