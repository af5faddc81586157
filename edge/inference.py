"""The matting thread: the newest frame's matte is made while the one before is composed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from edge.capture import Capture, Take
from edge.frame import Frame, Matte, Rgb
from edge.latest import Closed, Latest
from edge.look import Look
from edge.matting import MattingModel
from edge.stats import Stats


@dataclass(frozen=True, slots=True)
class Scene:
    """What a matte belongs to. Those of one scene follow each other; those of two are unrelated."""

    take: Take
    model: MattingModel
    mirror: bool

    def continues(self, before: Scene | None) -> bool:
        """Whether it is the same one as ``before``."""
        return (
            before is not None
            and self.take is before.take
            and self.model is before.model
            and self.mirror == before.mirror
        )


@dataclass(frozen=True, slots=True, eq=False)
class Matted:
    """
    A frame and its matte.

    Attributes:
        frame: as it is shown: mirrored if so wanted, and of an even size.
        scene: where it belongs.
        outcome: the model's matte, or what it raised.
    """

    frame: Frame
    scene: Scene
    outcome: Matte | Exception


class Inference:
    """
    Runs from ``start`` until ``frames`` is closed.

    Args:
        frames: gives the newest frame.
        matted: gets each frame with its matte, or with why it has none.
        capture: knows which source a frame is of.
        look: gives the look in use.
        stats: is told how long the model took.
    """

    def __init__(
        self,
        frames: Latest[Frame],
        matted: Latest[Matted],
        capture: Capture,
        look: Callable[[], Look],
        stats: Stats,
    ) -> None:
        self._frames, self._matted = frames, matted
        self._capture, self._look, self._stats = capture, look, stats
        self._before: Scene | None = None
        self._thread = threading.Thread(target=self._run, name="matting", daemon=True)

    @property
    def alive(self) -> bool:
        """False once the thread is gone, which only the end of ``frames`` brings about."""
        return self._thread.is_alive()

    def start(self) -> None:
        self._thread.start()

    def join(self, timeout_s: float) -> None:
        """Wait for the thread, if it ever ran."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def scene(self, look: Look) -> Scene:
        """What a frame captured now belongs to, under ``look``."""
        return Scene(self._capture.take, look.model, look.mirror)

    def _run(self) -> None:
        while True:
            try:
                frame = self._frames.get()
            except Closed:
                return
            scene = self.scene(self._look())
            if frame is None or frame.index < scene.take.first_index:
                continue  # of the source before
            self._stats.waited(frame)
            try:
                frame, matte = self._matte(frame, scene)
                self._matted.put(Matted(frame, scene, matte))
            except Exception as error:  # noqa: BLE001 - whatever breaks, the viewers get a slate
                self._matted.put(Matted(frame, scene, error))

    def _matte(self, frame: Frame, scene: Scene) -> tuple[Frame, Matte]:
        before, self._before = self._before, scene
        if before is not None and not scene.continues(before):
            scene.model.reset()
        frame = frame.with_image(prepared(frame.image, scene.mirror))
        with self._stats.timed("matte"):
            return frame, scene.model.matte(frame)


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
