"""A rendition on the event loop: who watches it, and what a newcomer is given."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from edge.errors import EncoderError
from edge.webrtc.sharing.keyframes import INTERVAL_S
from edge.webrtc.sharing.packets import Picture
from edge.webrtc.sharing.rendition import Key, Rendition

SMOOTHING = 0.3  # so much of the newest half second; a key frame is no change of rate
Tell = Callable[[float], None]  # seconds that one picture took; called in the encoding thread


class Watcher(Protocol):
    """Who takes a channel's pictures, on the event loop."""

    def take(self, channel: Channel, picture: Picture) -> None:
        """``picture`` follows on the last one."""
        ...

    def ended(self, channel: Channel) -> None:
        """There will be no more pictures."""
        ...


class Channel:
    """
    One rendition's pictures, handed to all who watch.

    Within ``INTERVAL_S`` after a key frame no other may be made, so what follows one is kept for so
    long, and given to whoever joins. Later, a newcomer gets a key frame at once.

    Args:
        start: makes the rendition, given who listens to it.
        tell: gets the seconds that each picture took.
        failed: is told, on the loop, that no encoder works any more.
    """

    def __init__(
        self,
        start: Callable[[Channel], Rendition],
        tell: Tell,
        failed: Callable[[Channel, EncoderError], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.watchers: list[Watcher] = []
        self.sent_bps = 0.0
        self._loop = asyncio.get_running_loop()
        self._tell = tell
        self._failed = failed
        self._clock = clock
        self._kept: list[Picture] = []
        self._kept_since_s = 0.0
        self._measured = (clock(), 0)
        self._closed = False
        self.rendition = start(self)

    @property
    def key(self) -> Key:
        """What it is of."""
        return self.rendition.key

    def join(self, watcher: Watcher) -> None:
        """Hand pictures to ``watcher``, from a key frame on."""
        self.watchers.append(watcher)
        if self._kept:
            for picture in tuple(self._kept):
                watcher.take(self, picture)
        else:
            self.rendition.ask_for_keyframe()

    def leave(self, watcher: Watcher) -> None:
        """Hand nothing more to ``watcher``."""
        if watcher in self.watchers:
            self.watchers.remove(watcher)

    def measure(self) -> None:
        """Bring ``sent_bps`` up to date: about what really came in the last two seconds."""
        (then_s, then), now_s, now = self._measured, self._clock(), self.rendition.octets
        if now_s > then_s:
            lately_bps = 8 * (now - then) / (now_s - then_s)
            self.sent_bps += SMOOTHING * (lately_bps - self.sent_bps)
            self._measured = now_s, now

    def forget(self) -> None:
        """Give newcomers nothing of what was shown so far."""
        self._kept = []

    def close(self) -> None:
        """End the rendition."""
        self._closed = True
        self._kept = []
        self.rendition.close()

    def coded(self, picture: Picture, seconds: float) -> None:
        """See ``Listener``; in the encoder's thread."""
        self._tell(seconds)
        self._later(self._deliver, picture)

    def ended(self, error: EncoderError) -> None:
        """See ``Listener``; in the encoder's thread."""
        self._later(self._end, error)

    def _later(self, call: Callable[..., None], argument: object) -> None:
        if not self._closed and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, argument)

    def _deliver(self, picture: Picture) -> None:
        if self._closed:
            return
        now_s = self._clock()
        if picture.keyframe:
            self._kept, self._kept_since_s = [picture], now_s
        elif self._kept and now_s - self._kept_since_s < INTERVAL_S:
            self._kept.append(picture)
        else:
            self._kept = []
        for watcher in tuple(self.watchers):
            watcher.take(self, picture)

    def _end(self, error: EncoderError) -> None:
        if not self._closed:
            self._failed(self, error)
