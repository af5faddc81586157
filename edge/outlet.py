"""Where composites leave the pipeline, and slates when there is none to show."""

from __future__ import annotations

import time
from collections.abc import Callable

from edge.frame import Composite
from edge.refine.people import Seen
from edge.slate import slate
from edge.stats import Stats

SLATE_PERIOD_S = 0.25  # a slate is repeated, so that a new viewer gets one and a lost packet heals


class Outlet:
    """
    Used in the matting thread; ``slate_text`` and ``silent_s`` may be read from any.

    Args:
        publish: gets every composite and slate; it must not block.
        stats: is told of each.

    Attributes:
        slate_text: what the slate says that viewers see, or None while they see composites.
    """

    def __init__(self, publish: Callable[[Composite], None], stats: Stats) -> None:
        self.slate_text: str | None = None
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
        """Publish a matted picture; ``seen`` knows who is in it."""
        height, width = composite.image.shape[:2]
        self._size, self._index = (width, height), composite.index
        self.slate_text = None
        self._stats.saw_composite(composite, seen)
        self._send(composite)

    def show_slate(self, title: str, detail: str) -> None:
        """Publish a slate: at once if it says something new, else now and then."""
        text = f"{title}: {detail}"
        if text == self.slate_text and self.silent_s < SLATE_PERIOD_S:
            return
        self.slate_text = text
        self._stats.saw_slate(text)
        now = time.monotonic_ns()
        self._send(Composite(slate(self._size, title, detail), self._index, now, now, slate=text))

    def _send(self, composite: Composite) -> None:
        self._published_at = time.monotonic()
        self._publish(composite)
