"""The three threads from source to publisher: capture, matting, compositing."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from typing import Any

from edge.backgrounds import Background
from edge.capture import Capture
from edge.compositing import Compositing
from edge.compositors import Compositor
from edge.compositors.opencv import OpenCv
from edge.following import Following
from edge.frame import Composite, Frame
from edge.guard import Verdict
from edge.inference import Inference, Matted, Scene
from edge.latest import Closed, Fork, Latest
from edge.look import Look
from edge.outlet import Outlet
from edge.sources import Source
from edge.stats import Stats

POLL_S = 0.1  # how often the thread looks, without frames, whether viewers must be told
STOP_S = 3.0  # all threads together; a frame in work takes a fraction of it
STALLED_S = 5.0  # without anything published for so long, the service is not well


class Pipeline:
    """
    Runs from ``start`` to ``stop``; ``show`` changes the look while it runs.

    Each thread works on its own frame and hands the newest on, so the rate is that of the slowest
    and nothing queues. A frame is shown with its own matte, and in order.

    Args:
        source: where frames come from, at first.
        look: how they are shown, at first.
        publish: gets every composite and slate, in the compositing thread; it must not block.
        compositor: puts people before the background; on the CPU if None.
    """

    def __init__(
        self,
        source: Source,
        look: Look,
        publish: Callable[[Composite], None],
        compositor: Compositor | None = None,
    ) -> None:
        self.look = look
        self.stats = Stats()
        self._frames: Latest[Frame] = Latest()
        self._matted: Latest[Matted] = Latest()
        self._shown: Latest[Frame] = Latest()  # each frame, where the matte follows the motion
        fork = Fork(self._frames, self._shown, lambda: self.look.controls.follow_motion)
        self.capture = Capture(source, fork, self.stats)
        self._inference = Inference(
            self._frames, self._matted, self.capture, lambda: self.look, self.stats
        )
        self._following = Following(self._shown, self._matted, self._inference.scene)
        self._compositing = Compositing(self.stats, compositor or OpenCv())
        self._outlet = Outlet(publish, self.stats)
        self._replaced: queue.SimpleQueue[Background] = queue.SimpleQueue()
        self._scene: Scene | None = None  # of the last frame
        self._thread = threading.Thread(target=self._run, name="compositing", daemon=True)

    @property
    def dropped(self) -> int:
        """Frames captured but never shown, because a newer one came or they had no matte."""
        mailboxes = self._frames.dropped + self._shown.dropped + self._matted.dropped
        return mailboxes + self._following.dropped

    @property
    def alive(self) -> bool:
        """All threads run."""
        return self._thread.is_alive() and self._inference.alive and self.capture.alive

    def start(self) -> None:
        """Start the threads. Viewers have a slate from here on."""
        self._outlet.show_slate("Starting", "The first picture is on its way.")
        self._thread.start()
        self._inference.start()
        self.capture.start()

    def stop(self) -> bool:
        """
        End the threads, after the frames in work. Blocks for ``STOP_S`` at most.

        Returns:
            Whether they ended in that time.
        """
        until_s = time.monotonic() + STOP_S
        mailboxes: tuple[Latest[Any], ...] = (self._frames, self._shown, self._matted)
        for mailbox in mailboxes:
            mailbox.clear()
            mailbox.close()  # first: the frames in work end while the source is being closed
        ended = self.capture.stop(STOP_S)
        self._inference.join(max(0.0, until_s - time.monotonic()))
        if self._thread.ident is not None:
            self._thread.join(max(0.0, until_s - time.monotonic()))
        self._replaced.put(self.look.background)
        while not self._replaced.empty():
            self._replaced.get().close()
        return ended and not self._inference.alive and not self._thread.is_alive()

    def show(self, look: Look) -> None:
        """Show ``look`` from the next frame on. From any thread, one at a time."""
        before, self.look = self.look, look
        if before.background is not look.background:
            self._replaced.put(before.background)

    def trouble(self) -> str | None:
        """Why viewers do not see a fresh matted picture, or None."""
        if self._outlet.silent_s > STALLED_S:
            return f"nothing was published for {STALLED_S:.0f} s: the model may hang"
        status = self.capture.status
        return status.trouble or self._outlet.slate_text

    def _run(self) -> None:
        while True:
            try:
                matted = self._following.next(self.look, POLL_S)
                look = self.look
                self._close_replaced(look)
                if matted is None:
                    self._outlet.show_silence(self.capture.status)
                elif matted.scene.continues(self._inference.scene(look)):
                    self._with_frame(matted, look)
            except Closed:
                return
            except Exception as error:  # noqa: BLE001 - whatever breaks, the viewers get a slate
                self._compositing.reset()
                self._outlet.show_fault(error)

    def _close_replaced(self, look: Look) -> None:
        """Let backgrounds go that are not shown any more."""
        for _ in range(self._replaced.qsize()):
            background = self._replaced.get()
            if background is look.background:  # replaced only after this frame's look was taken
                self._replaced.put(background)
            else:
                background.close()

    def _with_frame(self, matted: Matted, look: Look) -> None:
        before, self._scene = self._scene, matted.scene
        if not matted.scene.continues(before):
            self._compositing.reset()
        if isinstance(matted.outcome, Exception):
            raise matted.outcome
        made = self._compositing.composite(matted.frame, matted.outcome, look)
        if isinstance(made, Composite):
            self._outlet.show(made, self._compositing.seen)
        elif made is Verdict.SLATE:
            reason = self._compositing.reason
            self._outlet.show_slate("Picture withheld", f"{reason}. The room stays hidden.")
