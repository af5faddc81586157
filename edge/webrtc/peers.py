"""One WebRTC connection of ours: from the offer to the moment it is certainly over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiortc import RTCRtpTransceiver, RTCSessionDescription
from aiortc.exceptions import OperationError

from edge.errors import EdgeError, SignalingError
from edge.webrtc.ice import IceSettings
from edge.webrtc.mdns import Names
from edge.webrtc.rtc import peer_connection
from edge.webrtc.sdp import Offer
from edge.webrtc.sending.sender import SharedSender

log = logging.getLogger(__name__)

ANSWER_S = 5.0  # gathering included
CONNECT_S = 15.0
SILENT_S = 10  # a browser reports every second what it received
CLOSE_S = 1.5


@dataclass(frozen=True, slots=True)
class Link:
    """How the connection fares, as far as the other side told."""

    heard: int  # packets that came from the other side, reports included
    rtt_ms: float | None
    lost: int  # packets the other side says it missed, in all


class Peer:
    """
    One peer connection.

    Args:
        name: for the log.
        names: looks up the other side's mDNS candidates.
    """

    def __init__(self, name: str, ice: IceSettings, names: Names) -> None:
        self.name = name
        self._names = names
        self.connection = peer_connection(ice)
        self._changed = asyncio.Event()
        self._lookups: list[asyncio.Task[None]] = []
        self.connection.on("connectionstatechange", self._changed.set)

    @property
    def state(self) -> str:
        """``new``, ``connecting``, ``connected``, ``failed`` or ``closed``."""
        return self.connection.connectionState

    async def answer(self, offer: Offer, ours: RTCRtpTransceiver) -> str:
        """
        Answer ``offer`` with ``ours`` and nothing else, all candidates included.

        Raises:
            SignalingError: aiortc cannot make an answer, or not within ``ANSWER_S``.
        """
        try:
            await asyncio.wait_for(self._negotiate(offer, ours), ANSWER_S)
        except EdgeError:
            raise
        except asyncio.TimeoutError as error:
            raise SignalingError(f"no answer could be made within {ANSWER_S:.0f} s") from error
        except OperationError as error:
            raise SignalingError(
                "no variant of a codec in common: this service has VP8, and H.264 in baseline "
                "profile with packetization-mode 1"
            ) from error
        except Exception as error:  # noqa: BLE001  aiortc, aioice and PyAV share no error tree
            raise SignalingError(
                f"this offer cannot be answered: {type(error).__name__} {error}"[:300]
            ) from error
        self._lookups = [
            asyncio.create_task(self._names.add(self.connection, candidate))
            for candidate in offer.hidden
        ]
        return self.connection.localDescription.sdp

    async def _negotiate(self, offer: Offer, ours: RTCRtpTransceiver) -> None:
        await self.connection.setRemoteDescription(RTCSessionDescription(offer.sdp, "offer"))
        for transceiver in self.connection.getTransceivers():
            if transceiver is not ours:  # sound: nobody here plays or sends it
                transceiver.direction = "inactive"
        await self.connection.setLocalDescription(await self.connection.createAnswer())

    async def until_gone(self, progress: Callable[[], Awaitable[int | None]]) -> str:
        """
        Wait until this connection is over.

        Args:
            progress: a number that grows while the other side is there; None where that cannot
                be told now. It is over too when the number stood still for ``SILENT_S``.

        Returns:
            Why, in words.
        """
        if not await self._leaves({"new", "connecting"}, CONNECT_S):
            return f"not connected within {CONNECT_S:.0f} s"
        still, last = 0, None
        while not await self._leaves({"connected"}, 1.0):
            now = await progress()
            still = still + 1 if now is not None and now == last else 0
            if still >= SILENT_S:  # polls, not clock time: a suspended device wakes up patient
                return f"nothing came for {SILENT_S} s"
            last = now
        return f"connection {self.state}"

    async def _leaves(self, states: set[str], within_s: float) -> bool:
        async def left() -> None:
            while self.state in states:
                self._changed.clear()
                await self._changed.wait()

        try:
            await asyncio.wait_for(left(), within_s)
        except asyncio.TimeoutError:
            return False
        return True

    async def link(self) -> Link:
        """How this connection fares now."""
        heard, lost, rtt_s = 0, 0, None
        for sender in self.connection.getSenders():
            for stats in sender.transport._get_stats().values():
                heard = max(heard, stats.packetsReceived)
            if isinstance(sender, SharedSender):
                lost, rtt_s = sender.missed, sender.rtt_s
        return Link(heard, None if rtt_s is None else 1000 * rtt_s, lost)

    async def close(self) -> None:
        """End it, and wait for that, but not for ever. Any number of times."""
        for lookup in self._lookups:
            lookup.cancel()
        closing = [asyncio.ensure_future(self.connection.close()), *self._lookups]
        _, late = await asyncio.wait(closing, timeout=CLOSE_S)
        if late:
            log.warning("%s: not closed within %s s", self.name, CLOSE_S)
