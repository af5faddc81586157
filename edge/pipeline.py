"""The matting thread: frame -> matte -> refined matte -> composite, or a slate when that is not safe."""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from edge.backgrounds import Background
from edge.capture import Capture
from edge.compose import compose
from edge.controls import MatteControls
from edge.errors import ModelLoading
from edge.frame import Composite, Frame, Matte, Rgb
from edge.guard import Guard, Verdict
from edge.latest import Closed, Latest
from edge.matting import MattingModel
from edge.refine import Refiner
from edge.slate import slate
from edge.sources import Source
from edge.stats import Stats

logger = logging.getLogger(__name__)

POLL_S = 0.1  # how often the thread looks, without frames, whether viewers must be told
SILENT_S = 0.8  # without a frame for so long, the picture is no longer live
SLATE_PERIOD_S = 0.25  # a slate is repeated, so that a new viewer gets one and a lost packet heals
STALLED_S = 5.0  # without anything published for so long, the service is not well


@dataclass(frozen=True, slots=True)
class Look:
    """
    Everything about the picture that may change while running, swapped as one.

    Attributes:
        model: gives the matte.
        background: what goes behind. The pipeline closes it once another took its place.
        controls: the matte's refinement.
        mirror: flip left and right before matting, so that the background's text stays readable.
        keep_original: hand the unmatted picture on with each composite, for a split view.
    """

    model: MattingModel
    background: Background
    controls: MatteControls
    mirror: bool = False
    keep_original: bool = False


class Pipeline:
    """
    Runs from ``start`` to ``stop``; ``show`` changes the look while it runs.

    Args:
        source: where frames come from, at first.
        look: how they are shown, at first.
        publish: gets every composite and slate, in the matting thread; it must not block.
    """

    def __init__(self, source: Source, look: Look, publish: Callable[[Composite], None]) -> None:
        self.look = look
        self.stats = Stats()
        self._replaced: queue.SimpleQueue[Background] = queue.SimpleQueue()
        self._frames: Latest[Frame] = Latest()
        self.capture = Capture(source, self._frames, self.stats)
        self._publish = publish
        self._refiner = Refiner()
        self._guard = Guard()
        self._source = source
        self._size = (1280, 720)
        self._index = 0
        self._slate: tuple[str, str] | None = None
        self._fault: str | None = None  # why viewers see a slate although frames come
        self._published_at = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="matting", daemon=True)

    @property
    def dropped(self) -> int:
        """Frames captured but never matted, because a newer one came."""
        return self._frames.dropped

    @property
    def alive(self) -> bool:
        """Both threads run."""
        return self._thread.is_alive() and self.capture.alive

    def start(self) -> None:
        """Start both threads. Viewers have a slate from here on."""
        self._show_slate("Starting", "The first picture is on its way.")
        self._thread.start()
        self.capture.start()

    def stop(self) -> bool:
        """End both threads, after the frame in work. Blocks. True if they ended in time."""
        ended = self.capture.stop()
        self._frames.close()
        if self._thread.ident is not None:
            self._thread.join(5)
        self._replaced.put(self.look.background)
        while not self._replaced.empty():
            self._replaced.get().close()
        return ended and not self._thread.is_alive()

    def show(self, look: Look) -> None:
        """Show ``look`` from the next frame on. From any thread, one at a time."""
        before, self.look = self.look, look
        if before.background is not look.background:
            self._replaced.put(before.background)

    def trouble(self) -> str | None:
        """Why viewers do not see a fresh matted picture, or None."""
        status = self.capture.status
        if status.phase == "lost":
            return f"{status.label}: {status.error}"
        if time.monotonic() - self._published_at > STALLED_S:
            return f"nothing was published for {STALLED_S:.0f} s: the model may hang"
        return self._fault or (f"{': '.join(self._slate)}" if self._slate else None)

    def _run(self) -> None:
        look = self.look
        while True:
            try:
                frame = self._frames.get(POLL_S)
            except Closed:
                return
            before, look = look, self.look
            try:
                self._adopt(before, look)
                if frame is None:
                    self._without_frame()
                else:
                    self._show(frame, look)
            except Exception as error:  # noqa: BLE001 - whatever breaks, the viewers get a slate
                self._failed(error)

    def _adopt(self, before: Look, look: Look) -> None:
        """Between two frames: forget what belongs to the look or the source before."""
        source, self._source = self._source, self.capture.source
        new_scene = look.mirror != before.mirror or source is not self._source
        if new_scene:
            look.model.reset()
        if new_scene or look.model is not before.model:
            self._refiner.reset()
            self._guard.reset()
        self._close_unused(look)

    def _close_unused(self, look: Look) -> None:
        for _ in range(self._replaced.qsize()):
            background = self._replaced.get()
            if background is look.background:  # it was replaced after this frame's look was taken
                self._replaced.put(background)
            else:
                background.close()

    def _without_frame(self) -> None:
        status = self.capture.status
        silent_s = (time.monotonic_ns() - status.since_ns) / 1e9
        fps = status.granted.fps if status.granted else None
        if status.phase == "lost":
            self._show_slate("No picture", f"{status.label}: {status.error}. Trying again.")
        elif silent_s > max(SILENT_S, 3 / fps if fps else 0):
            self._show_slate("No picture", f"{status.label}: waiting for a picture.")

    def _show(self, frame: Frame, look: Look) -> None:
        self.stats.add("capture", (time.monotonic_ns() - frame.captured_ns) / 1e9)
        frame = frame.with_image(prepared(frame.image, look.mirror))
        self._size, self._index = frame.size, frame.index
        with self.stats.timed("matte"):
            raw = look.model.matte(frame)
        matte = self._refined(frame, raw, look)
        if matte is None:
            return
        with self.stats.timed("compose"):
            image = compose(frame, matte, look.background.behind(frame, matte))
        original = frame.image if look.keep_original else None
        composite = Composite(
            image, frame.index, frame.captured_ns, time.monotonic_ns(), original=original
        )
        self._slate = self._fault = None
        self.stats.saw_composite(composite, self._refiner.foreground)
        self._send(composite)

    def _refined(self, frame: Frame, raw: Matte, look: Look) -> Matte | None:
        """The matte to composite with, or None if the guard withholds this frame."""
        verdict = self._guard.judge_model(raw)
        if verdict is Verdict.SHOW:
            with self.stats.timed("refine"):
                matte = self._refiner.refine(frame, raw, look.controls)
            if look.background.shows_room:
                return matte
            verdict = self._guard.judge(matte.alpha)
            if verdict is Verdict.SHOW:
                return matte
        else:
            self._refiner.reset()  # whatever was not finite must not linger in its memory
        if verdict is Verdict.SLATE:
            self._fault = f"{self._guard.reason}: the picture is withheld"
            self._show_slate("Picture withheld", f"{self._guard.reason}. The room stays hidden.")
        return None

    def _failed(self, error: Exception) -> None:
        reason = str(error) or repr(error)
        if isinstance(error, ModelLoading):
            self._show_slate("Getting ready", f"{reason}.")
            return
        if self._fault != reason:
            logger.error("matting failed; viewers get a slate: %s", reason, exc_info=error)
        self._fault = reason
        self._refiner.reset()
        self._show_slate("Matting failed", f"{reason}. Trying again.")

    def _show_slate(self, title: str, detail: str) -> None:
        """Publish a slate: at once if it says something new, else now and then."""
        fresh = time.monotonic() - self._published_at < SLATE_PERIOD_S
        if fresh and self._slate == (title, detail):
            return
        self._slate = (title, detail)
        now = time.monotonic_ns()
        text = f"{title}: {detail}"
        self.stats.saw_slate()
        self._send(Composite(slate(self._size, title, detail), self._index, now, now, slate=text))

    def _send(self, composite: Composite) -> None:
        self._published_at = time.monotonic()
        self._publish(composite)


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
    return cv2.flip(image, 1) if mirror else image  # type: ignore[return-value]  # uint8 stays uint8
