"""One peer connection per viewer; all of them watch one Broadcast."""

from __future__ import annotations

import asyncio
import logging
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from edge.errors import Forbidden, SignalingError, TooManyViewers, UnknownName
from edge.latest import Broadcast
from edge.webrtc.codecs import Codec, codec_of, preferences
from edge.webrtc.encoding import Tell
from edge.webrtc.ice import IceSettings
from edge.webrtc.mdns import Names
from edge.webrtc.peers import Peer
from edge.webrtc.rate import begin_at, starting_bps
from edge.webrtc.sdp import read_offer
from edge.webrtc.tracks import CompositeTrack, Screen, View

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ViewerStats:
    """
    One viewer, as /metrics tells of it.

    Attributes:
        state: ``new``, ``connecting``, ``connected``, ``failed`` or ``closed``.
        codec: "VP8" or "H264".
        sent: pictures handed to its encoder.
        rtt_ms: round-trip time of the network, None before the first report.
        lost: packets it says it missed, in all.
    """

    id: str
    state: str
    codec: str
    view: str
    sent: int
    rtt_ms: float | None
    lost: int


@dataclass(frozen=True, slots=True)
class _Viewer:
    id: str
    peer: Peer
    track: CompositeTrack
    codec: str = ""
    watch: asyncio.Task[None] | None = None


class Viewers:
    """
    Everyone who watches. To be made and used on the event loop of ``broadcast``.

    Args:
        limit: how many encoders this device can run in real time.
        codec: ``auto`` answers VP8 where it is offered, else H.264.
        allow_original: whether a viewer may see the unmatted room in a split view.
    """

    def __init__(
        self,
        broadcast: Broadcast,
        limit: int,
        ice: IceSettings | None = None,
        codec: Codec = "auto",
        allow_original: bool = False,
    ) -> None:
        self.limit = limit
        self._ice = ice or IceSettings()
        self._names = Names()
        self._codec: Codec = codec
        self._allow_original = allow_original
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="to-i420")
        self._broadcast = broadcast
        self._screen = Screen(broadcast, self._executor)
        self._viewers: dict[str, _Viewer] = {}
        self._tell: Tell = _nobody

    def on_encoded(self, tell: Tell) -> None:
        """Call ``tell`` with the seconds each picture took, in the thread that encoded it."""
        self._tell = tell

    @property
    def count(self) -> int:
        """How many places are taken, those still connecting included."""
        return len(self._viewers)

    async def connect(self, offer: str, view: View | None = None) -> tuple[str, str]:
        """
        Answer a viewer's SDP offer.

        Returns:
            The viewer's id, and an SDP answer that carries every ICE candidate.

        Raises:
            TooManyViewers: ``limit`` are connected.
            SignalingError: the offer cannot be answered; the message says what is wrong with it.
            Forbidden: a split view where the original may not be seen.
        """
        view = self._allowed(view or View())
        wanted = read_offer(offer, "receives", self._codec)
        if len(self._viewers) >= self.limit:
            raise TooManyViewers(f"all {self.limit} places are taken; try again in a while")
        name = uuid.uuid4().hex
        viewer = _Viewer(
            name,
            Peer(f"viewer {name[:6]}", self._ice, self._names),
            CompositeTrack(self._screen, view),
        )
        self._viewers[name] = viewer
        try:
            ours = viewer.peer.connection.addTransceiver(viewer.track, "sendonly")
            ours.setCodecPreferences(preferences(self._codec))
            answer = await viewer.peer.answer(wanted, ours)
            viewer = replace(viewer, codec=codec_of(answer))
            bitrate_bps = starting_bps(self._broadcast.newest)
            begin_at(ours.sender, viewer.codec, bitrate_bps, self._tell)
        except BaseException:  # cancelled included: whoever asked is gone
            await self._forget(name)
            raise
        if name not in self._viewers:
            raise SignalingError("this service is shutting down")
        watch = asyncio.create_task(self._watch(viewer))
        self._viewers[name] = replace(viewer, watch=watch)
        return name, answer

    def set_view(self, viewer: str, view: View) -> None:
        """
        Show something else to one viewer, from its next picture on.

        Raises:
            UnknownName: no such viewer.
            Forbidden: a split view where the original may not be seen.
        """
        self._known(viewer).track.view = self._allowed(view)

    async def disconnect(self, viewer: str) -> None:
        """
        Let a viewer go.

        Raises:
            UnknownName: no such viewer, or it is gone already.
        """
        self._known(viewer)
        await self._forget(viewer)
        log.info("viewer %s left", viewer[:6])

    async def stats(self) -> list[ViewerStats]:
        """Each viewer, in the order they came."""
        found = []
        for viewer in list(self._viewers.values()):
            link = await viewer.peer.link()
            found.append(
                ViewerStats(
                    id=viewer.id,
                    state=viewer.peer.state,
                    codec=viewer.codec,
                    view=viewer.track.view.kind,
                    sent=viewer.track.sent,
                    rtt_ms=link.rtt_ms,
                    lost=link.lost,
                )
            )
        return found

    async def close(self) -> None:
        """Let everyone go. Takes less than 2 s."""
        await asyncio.gather(*(self._forget(viewer) for viewer in list(self._viewers)))
        self._executor.shutdown(wait=False)

    async def _watch(self, viewer: _Viewer) -> None:
        async def heard() -> int | None:
            if viewer.track.readyState != "live":  # its encoder gave up
                return 0
            return (await viewer.peer.link()).heard if viewer.track.sent else None

        reason = await viewer.peer.until_gone(heard)
        if viewer.id in self._viewers:
            log.info("viewer %s is gone: %s", viewer.id[:6], reason)
        await self._forget(viewer.id)

    async def _forget(self, name: str) -> None:
        viewer = self._viewers.pop(name, None)
        if viewer is None:
            return
        if viewer.watch is not None and viewer.watch is not asyncio.current_task():
            viewer.watch.cancel()
        viewer.track.stop()
        await viewer.peer.close()

    def _known(self, viewer: str) -> _Viewer:
        try:
            return self._viewers[viewer]
        except KeyError:
            raise UnknownName("no such viewer; it may have left already") from None

    def _allowed(self, view: View) -> View:
        if view.kind == "split" and not self._allow_original:
            raise Forbidden(
                "the split view shows the room: start the service with --allow-original"
            )
        return view


def _nobody(seconds: float) -> None:
    """Nobody wants to know how long a picture took."""
