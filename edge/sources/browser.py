"""``browser:``: the camera of whoever has the page open, sent up by WebRTC."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from edge.errors import InputError, SourceEnded
from edge.frame import Frame, Rgb
from edge.sources import Granted
from edge.sources._feed import Feed


def make(argument: str) -> Browser:
    """Takes no argument: the guest comes by WebRTC."""
    if argument:
        raise InputError(
            f"browser:{argument}: wanted browser: alone; the guest comes from the page"
        )
    return Browser()


class Browser:
    """
    Frames that a guest pushes. Waits for the guest without complaint; after the first frame,
    silence is an error, as with any camera.
    """

    label = "your browser's camera"
    note = ""

    def __init__(self) -> None:
        self.granted: Granted | None = None
        self._lock = threading.Lock()
        self._feed = Feed()
        self._closed = False

    def push(self, image: Rgb) -> None:
        """
        Take a (H, W, 3) uint8 sRGB picture that nobody writes to any more.

        From one thread at a time, the event loop's included: it never waits.
        """
        height, width = image.shape[:2]
        self.granted = Granted(width, height)
        with self._lock:
            self._feed.put(image)

    def leave(self) -> None:
        """The guest has gone: the iteration raises SourceEnded, and the next awaits another."""
        with self._lock:
            self._feed.fail(SourceEnded("the guest has left; another may come from the page"))

    def __iter__(self) -> Iterator[Frame]:
        with self._lock:
            self._feed = Feed()  # what a guest before left behind is not shown
            if self._closed:
                return
            feed = self._feed
        yield from feed.frames("the guest's camera fell silent", opening_s=None)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            self._feed.close()
