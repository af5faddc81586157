"""
``python -m bench.peers.ours SPEC``: this project's pipeline, behind the peers' own two questions.

See ``bench.peers.driver``. Times are those between one composite and the next while frames come
faster than they are matted: stages overlap, so that is what a viewer gets.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.live.program import Answer, obey
from edge import plugins
from edge.controls import MatteControls
from edge.cores import divide_cores
from edge.errors import InputError, ModelError
from edge.frame import Composite, Frame
from edge.look import Look
from edge.matting import MattingModel
from edge.memory import keep_freed_memory
from edge.pipeline import Pipeline
from edge.refine import Refiner
from edge.sources import Granted
from edge.zoo import Zoo, default_cache

PERIOD_S = 0.004  # between frames: faster than any model here
RAMP = 3  # composites that are not counted: the first ones wait for each stage
PATIENCE_S = 100.0


class Gate:
    """A Source of given frames, over and over, while it is open."""

    label, note = "Frames", ""

    def __init__(self, frames: NDArray[np.uint8]) -> None:
        self.granted = Granted(frames.shape[2], frames.shape[1], 1 / PERIOD_S)
        self._frames = frames
        self._closed = threading.Event()

    def __iter__(self) -> Iterator[Frame]:
        index = 0
        while not self._closed.wait(PERIOD_S):
            yield Frame(self._frames[index % len(self._frames)], index, time.monotonic_ns())
            index += 1

    def close(self) -> None:
        """End it."""
        self._closed.set()


class Ours:
    """One model in the service's pipeline."""

    def __init__(self, spec: str) -> None:
        keep_freed_memory()
        divide_cores()
        self._model: MattingModel = plugins.make("edge.matting", spec, zoo=Zoo(default_cache()))

    async def time(self, frames: str) -> Answer:
        """Seconds between composites, as many as there are frames in the file."""
        return {"seconds": await asyncio.to_thread(self._intervals, np.load(frames))}

    def _intervals(self, frames: NDArray[np.uint8]) -> list[float]:
        wanted, at_s, done = len(frames) + RAMP, list[float](), threading.Event()

        def publish(composite: Composite) -> None:
            if composite.slate is None:
                at_s.append(time.perf_counter())
            if len(at_s) > wanted:
                done.set()

        background = plugins.make("edge.backgrounds", "color:205080")
        look = Look(self._model, background, MatteControls())
        pipeline = Pipeline(Gate(frames), look, publish)
        pipeline.start()
        try:
            if not done.wait(PATIENCE_S):
                raise ModelError(f"{len(at_s)} composites in {PATIENCE_S:.0f} s: {_why(pipeline)}")
        finally:
            pipeline.stop()
        return [float(step) for step in np.diff(at_s[RAMP : wanted + 1])]

    async def mattes(self, pictures: list[list[str]], video: bool) -> Answer:
        """Write the refined alpha of each picture."""
        await asyncio.to_thread(self._write, pictures, video)
        return {"pictures": len(pictures)}

    def _write(self, pictures: list[list[str]], video: bool) -> None:
        refiner, controls = Refiner(), MatteControls()
        self._model.reset()
        for index, (source, target) in enumerate(pictures):
            if not video:
                self._model.reset()
                refiner.reset()
            image = cv2.imread(source, cv2.IMREAD_COLOR_RGB)
            if image is None:
                raise InputError(f"{source}: not a picture")
            frame = Frame(np.asarray(image, np.uint8), index, round(index * 1e9 / 25))
            alpha: Any = refiner.refine(frame, self._model.matte(frame), controls).alpha
            cv2.imwrite(target, np.round(alpha * 65535).astype(np.uint16))
        self._model.reset()


def _why(pipeline: Pipeline) -> str:
    return pipeline.trouble() or "the model is slower than that"


async def main(spec: str) -> None:
    """Answer until standard input ends."""
    ours = Ours(spec)
    await obey({"time": ours.time, "mattes": ours.mattes})


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
