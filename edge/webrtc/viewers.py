"""One peer connection per viewer; all of them watch one Broadcast."""

from __future__ import annotations

import asyncio
import logging
import uuid
from dataclasses import dataclass

from edge.encoders._order import Encoders
from edge.errors import Forbidden, SignalingError, TooManyViewers, UnknownName
from edge.latest import Broadcast
from edge.webrtc.codecs import codec_of, preferences
from edge.webrtc.encoding import EncodingSettings
from edge.webrtc.ice import IceSettings
from edge.webrtc.mdns import Names
from edge.webrtc.peers import Peer
from edge.webrtc.push import Push
from edge.webrtc.sdp import read_offer
from edge.webrtc.seat import Seat
from edge.webrtc.sending.sender import SharedSender
from edge.webrtc.sharing.channel import Tell
from edge.webrtc.sharing.hub import Hub, RenditionStats
from edge.webrtc.view import View

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ViewerStats:
    """
    One viewer, as /metrics tells of it.

    Attributes:
        state: ``new``, ``connecting``, ``connected``, ``failed`` or ``closed``.
        codec: "VP8" or "H264".
        sent: pictures sent to it.
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


@dataclass(slots=True)
class _Viewer:
    id: str
    peer: Peer
    seat: Seat
    codec: str = ""
    watch: asyncio.Task[None] | None = None


class Viewers:
    """
    Everyone who watches. To be made and used on the event loop of ``broadcast``.

    Args:
        limit: how many may watch at a time.
        encoding: codec, encoders and bitrates.
        allow_original: whether a viewer may see the unmatted room in a split view.

    Raises:
        InputError: an encoder in ``encoding`` is unknown.
    """

    def __init__(
        self,
        broadcast: Broadcast,
        limit: int,
        ice: IceSettings | None = None,
        encoding: EncodingSettings | None = None,
        allow_original: bool = False,
    ) -> None:
        self.limit = limit
        self._ice = ice or IceSettings()
        self._names = Names()
        self._encoding = encoding or EncodingSettings()
        self._allow_original = allow_original
        self.encoders = Encoders(self._encoding.encoders)
        self._hub = Hub(broadcast, self.encoders, self._encoding, self._timed)
        self._viewers: dict[str, _Viewer] = {}
        self._tell: Tell = _nobody

    def on_encoded(self, tell: Tell) -> None:
        """Call ``tell`` with the seconds each picture took, in the thread that encoded it."""
        self._tell = tell

    def renditions(self) -> list[RenditionStats]:
        """What is encoded now, and for how many."""
        return self._hub.stats()

    def push(self, name: str) -> Push:
        """A connection that carries what viewers see to a server; ``name`` is for the log."""
        codecs = preferences(self._encoding.codec, self.encoders.codecs)
        return Push(name, self._hub, self._ice, codecs)

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
        codec = self._encoding.codec
        wanted = read_offer(offer, "receives", codec)
        if len(self._viewers) >= self.limit:
            raise TooManyViewers(f"all {self.limit} places are taken; try again in a while")
        name = uuid.uuid4().hex
        peer = Peer(f"viewer {name[:6]}", self._ice, self._names)
        viewer = self._viewers[name] = _Viewer(name, peer, Seat(self._hub, view))
        try:
            ours = peer.connection.addTransceiver("video", "sendonly")
            viewer.seat.sender = SharedSender.adopt(ours.sender, viewer.seat)
            ours.setCodecPreferences(preferences(codec, self.encoders.codecs))
            answer = await peer.answer(wanted, ours)
            viewer.codec = codec_of(answer)
        except BaseException:  # cancelled included: whoever asked is gone
            await self._forget(name)
            raise
        if name not in self._viewers:
            raise SignalingError("this service is shutting down")
        viewer.watch = asyncio.create_task(self._watch(viewer))
        return name, answer

    def set_view(self, viewer: str, view: View) -> None:
        """
        Show something else to one viewer, from its next picture on.

        Raises:
            UnknownName: no such viewer.
            Forbidden: a split view where the original may not be seen.
        """
        view = self._allowed(view)
        self._known(viewer).seat.turn(view)

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
                    view=viewer.seat.view.kind,
                    sent=viewer.seat.sent,
                    rtt_ms=link.rtt_ms,
                    lost=link.lost,
                )
            )
        return found

    async def close(self) -> None:
        """Let everyone go. Takes less than 2 s."""
        await asyncio.gather(*(self._forget(viewer) for viewer in list(self._viewers)))
        await self._hub.close()

    async def _watch(self, viewer: _Viewer) -> None:
        async def heard() -> int | None:
            if viewer.seat.over:  # no encoder works any more
                return 0
            return (await viewer.peer.link()).heard if viewer.seat.sent else None

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
        viewer.seat.leave()
        await viewer.peer.close()

    def _timed(self, seconds: float) -> None:
        self._tell(seconds)

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
