"""All renditions of the service: made when somebody needs one, ended when nobody does."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from edge.encoders import CodecName, Wanted
from edge.encoders._order import Encoders
from edge.errors import EncoderError
from edge.frame import Composite
from edge.latest import Broadcast
from edge.webrtc.encoding import EncodingSettings
from edge.webrtc.sharing.channel import Channel, Tell
from edge.webrtc.sharing.keyframes import KeyframeGate
from edge.webrtc.sharing.ladder import Follower, Rate, bitrate, sort
from edge.webrtc.sharing.rendition import Key, Rendition
from edge.webrtc.sharing.watching import Sink, Watching
from edge.webrtc.view import View

log = logging.getLogger(__name__)

ADAPT_S = 0.5  # how often bitrates and renditions follow the viewers' estimates


@dataclass(frozen=True, slots=True)
class RenditionStats:
    """
    One rendition, as /api/stats tells of it.

    Attributes:
        encoder: the name of the one in use, or "" before its first picture.
        bitrate_bps: what the encoder aims at.
        sent_bps: what it lately gave.
    """

    codec: str
    view: str
    encoder: str
    width: int
    height: int
    bitrate_bps: int
    sent_bps: int
    viewers: int
    pictures: int
    keyframes: int


class Hub:
    """
    Who watches what. To be made and used on the event loop of ``broadcast``.

    Args:
        tell: gets the seconds that each picture took, in the thread that encoded it.
    """

    def __init__(
        self,
        broadcast: Broadcast,
        encoders: Encoders,
        settings: EncodingSettings,
        tell: Tell,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._broadcast = broadcast
        self._encoders = encoders
        self._settings = settings
        self._tell = tell
        self._clock = clock
        self._channels: dict[Key, Channel] = {}
        self._watching: list[Watching] = []
        self._showing: tuple[Rendition, ...] = ()  # replaced, never changed: read by any thread
        self._adapting: asyncio.Task[None] | None = None
        broadcast.listen(self._show)

    def watch(self, codec: CodecName, view: View, sink: Sink) -> Watching:
        """
        Give ``sink`` the pictures of ``view``, from a key frame on, until ``leave``.

        The key frame comes within half a second of the first composite.
        """
        watching = Watching(codec, view, Follower(self._clock()), sink)
        self._watching.append(watching)
        self._place(watching)
        if self._adapting is None:
            self._adapting = asyncio.create_task(self._adapt_always())
        return watching

    def turn(self, watching: Watching, view: View) -> None:
        """Show ``view`` to one viewer, from its next key frame on or sooner."""
        before, watching.view = self._key(watching), view
        now = self._key(watching)
        channel = self._channels.get(before)
        if channel is not None and self._is_alone(watching, channel) and now not in self._channels:
            # A split that is dragged: the same encoder goes on, for nobody else sees it.
            channel.rendition.key = now
            channel.forget()
            self._channels[now] = self._channels.pop(before)
            return
        self._place(watching)
        self._tidy()

    def leave(self, watching: Watching) -> None:
        """Give this viewer nothing any more."""
        watching.leave()
        if watching in self._watching:
            self._watching.remove(watching)
        self._tidy()

    def ask_for_keyframe(self, watching: Watching) -> None:
        """This viewer lost its way: it gets a key frame within half a second."""
        watching.follower.asked(self._clock())
        watching.ask_for_keyframe()

    def lost(self, watching: Watching, share: float) -> None:
        """This viewer missed ``share``, 0 to 1, of the packets since its last report."""
        sent_bps = watching.channel.sent_bps if watching.channel is not None else 0.0
        watching.follower.estimate.lost(share, sent_bps)

    def stats(self) -> list[RenditionStats]:
        """Each rendition in use."""
        return [
            RenditionStats(
                codec=channel.key.codec,
                view=channel.key.view.kind,
                encoder=channel.rendition.encoder,
                width=channel.rendition.size[0],
                height=channel.rendition.size[1],
                bitrate_bps=channel.rendition.bitrate_bps,
                sent_bps=round(channel.sent_bps),
                viewers=sum(w.channel is channel for w in self._watching),
                pictures=channel.rendition.pictures,
                keyframes=channel.rendition.keyframes,
            )
            for channel in self._channels.values()
        ]

    async def close(self) -> None:
        """End every rendition."""
        self._broadcast.unlisten(self._show)
        for watching in tuple(self._watching):
            self.leave(watching)
        if self._adapting is not None:
            self._adapting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._adapting

    def adapt(self) -> None:
        """Let bitrates, and who gets the smaller rendition, follow the viewers' estimates."""
        now_s = self._clock()
        for channel in self._channels.values():
            channel.measure()
        for codec, view in {(key.codec, key.view) for key in self._channels}:
            self._adapt(codec, view, now_s)
        self._tidy()

    def _adapt(self, codec: CodecName, view: View, now_s: float) -> None:
        """Those who see the same, in one codec."""
        group = [w for w in self._watching if (w.codec, w.view) == (codec, view)]
        followers = [w.follower for w in group]
        limits = self._settings.limits(self._broadcast.newest)
        channels = {
            key.divisor: channel
            for key, channel in self._channels.items()
            if (key.codec, key.view) == (codec, view)
        }
        sent_bps = {divisor: channel.sent_bps for divisor, channel in channels.items()}
        sort(followers, limits, sent_bps, now_s)
        for watching in group:
            self._place(watching)
        for divisor, channel in channels.items():
            here, rate = limits.at(divisor), Rate(channel.rendition.bitrate_bps, channel.sent_bps)
            wanted_bps = bitrate(followers, divisor, here, rate, now_s)
            channel.rendition.aim(wanted_bps, here.max_bps)

    async def _adapt_always(self) -> None:
        told = False
        while self._watching:
            await asyncio.sleep(ADAPT_S)
            try:
                self.adapt()
            except Exception:
                if not told:
                    log.exception("bitrates did not follow the viewers; they will be tried again")
                told = True
        self._adapting = None

    def _show(self, composite: Composite) -> None:
        """In the thread that publishes."""
        for rendition in self._showing:
            rendition.show(composite)

    def _key(self, watching: Watching) -> Key:
        return Key(watching.codec, watching.view, watching.follower.divisor)

    def _place(self, watching: Watching) -> None:
        """Bring ``watching`` to the channel it belongs to."""
        if watching.over:
            return
        key = self._key(watching)
        if key not in self._channels:
            self._channels[key] = Channel(
                lambda channel: self._started(key, channel), self._tell, self._failed, self._clock
            )
            self._list()
        watching.move(self._channels[key])

    def _started(self, key: Key, channel: Channel) -> Rendition:
        newest = self._broadcast.newest
        limits = self._settings.limits(newest).at(key.divisor)
        start_bps, max_bps = limits.clamp(limits.start_bps), limits.max_bps
        wanted = Wanted(0, 0, 0, start_bps, max_bps, self._settings.threads)
        gate = KeyframeGate(self._clock)
        rendition = Rendition(key, self._encoders, channel, wanted, gate)
        if newest is not None:
            rendition.show(newest)
        return rendition

    def _is_alone(self, watching: Watching, channel: Channel) -> bool:
        both_split = channel.key.view.kind == watching.view.kind == "split"
        return both_split and watching.coming is None and channel.watchers == [watching]

    def _failed(self, channel: Channel, error: EncoderError) -> None:
        log.error("viewers of %s lose their picture: %s", channel.key.codec, error)
        for watcher in tuple(channel.watchers):
            watcher.ended(channel)
        self._tidy()

    def _tidy(self) -> None:
        """End the channels that nobody watches."""
        for key, channel in tuple(self._channels.items()):
            if not channel.watchers:
                del self._channels[key]
                channel.close()
        self._list()

    def _list(self) -> None:
        self._showing = tuple(channel.rendition for channel in self._channels.values())
