"""Where composites leave the pipeline, and slates when there is none to show."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from edge.capture import CaptureStatus
from edge.errors import EdgeError, ModelLoading
from edge.frame import Composite
from edge.refine.people import NOBODY, Seen
from edge.slate import slate
from edge.stats import Stats

logger = logging.getLogger(__name__)

SILENT_S = 0.8  # without a frame for so long, the picture is no longer live
LOOK_S = 0.5  # who is in the picture is told once a second: no need to look in every frame
SLATE_PERIOD_S = 0.25  # a slate is repeated, so that a new viewer gets one and a lost packet heals


class Outlet:
    """
    Used in the compositing thread; ``slate_text`` and ``silent_s`` may be read from any.

    Args:
        publish: gets every composite and slate; it must not block.
        stats: is told of each.

    Attributes:
        slate_text: what the slate says that viewers see, or None while they see composites.
    """

    def __init__(self, publish: Callable[[Composite], None], stats: Stats) -> None:
        self.slate_text: str | None = None
        self._fault: str | None = None  # the last one logged, until a composite is shown
        self._foreground, self._looked_at = NOBODY, float("-inf")
        self._publish = publish
        self._stats = stats
        self._size = (1280, 720)
        self._index = 0
        self._published_at = time.monotonic()

    @property
    def silent_s(self) -> float:
        """How long ago anything was published."""
        return time.monotonic() - self._published_at

    def show(self, composite: Composite, seen: Seen) -> None:
        """Publish a matted picture; ``seen`` finds out who is in it, and is asked now and then."""
        height, width = composite.image.shape[:2]
        self._size, self._index = (width, height), composite.index
        self.slate_text = self._fault = None
        now_s = time.monotonic()
        if now_s - self._looked_at >= LOOK_S:
            self._foreground, self._looked_at = seen(), now_s
        self._stats.saw_composite(composite, self._foreground)
        self._send(composite)

    def show_slate(self, title: str, detail: str) -> None:
        """Publish a slate: at once if it says something new, else now and then."""
        text = f"{title}: {detail}"
        if text == self.slate_text and self.silent_s < SLATE_PERIOD_S:
            return
        self.slate_text = text
        self._stats.saw_slate(text)
        self._looked_at = float("-inf")
        now = time.monotonic_ns()
        self._send(Composite(slate(self._size, title, detail), self._index, now, now, slate=text))

    def show_silence(self, status: CaptureStatus) -> None:
        """Say so if there is no frame to be had, which ``status`` knows."""
        silent_s = (time.monotonic_ns() - status.since_ns) / 1e9
        fps = status.granted.fps if status.granted else None
        if status.phase == "lost":
            reason = (status.trouble or "").rstrip(".")
            self.show_slate("No picture", f"{reason}. Trying again.")
        elif silent_s > max(SILENT_S, 3 / fps if fps else 0):
            self.show_slate("No picture", f"{status.label}: waiting for a picture.")

    def show_fault(self, error: Exception) -> None:
        """Say why a frame could not be matted, and log it once."""
        reason = str(error) or repr(error)
        if isinstance(error, ModelLoading):
            self.show_slate("Getting ready", f"{reason}.")
            return
        if self._fault != reason:
            foreseen = isinstance(error, EdgeError) and error.__cause__ is None
            trace = None if foreseen else error
            logger.error("matting failed; viewers get a slate: %s", reason, exc_info=trace)
        self._fault = reason
        self.show_slate("Matting failed", f"{reason.rstrip('.')}. Trying again.")

    def _send(self, composite: Composite) -> None:
        self._published_at = time.monotonic()
        self._publish(composite)
