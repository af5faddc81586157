"""A WebRTC connection of our making: the picture goes to a server, as it goes to viewers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aiortc import RTCRtpCodecCapability, RTCSessionDescription

from edge.errors import SignalingError
from edge.webrtc.ice import IceSettings
from edge.webrtc.mdns import Names
from edge.webrtc.peers import Peer
from edge.webrtc.seat import Seat
from edge.webrtc.sending.sender import SharedSender
from edge.webrtc.sharing.hub import Hub
from edge.webrtc.view import View


class Push:
    """
    One more receiver of a rendition, and the one who offers. Shows composites and slates alone.

    Args:
        name: for the log.
        codecs: to offer, in order.
    """

    def __init__(
        self, name: str, hub: Hub, ice: IceSettings, codecs: Sequence[RTCRtpCodecCapability]
    ) -> None:
        self._peer = Peer(name, ice, Names())
        self._seat = Seat(hub, View())
        ours = self._peer.connection.addTransceiver("video", "sendonly")
        self._seat.sender = SharedSender.adopt(ours.sender, self._seat)
        ours.setCodecPreferences(list(codecs))

    @property
    def sent(self) -> int:
        """Pictures sent so far."""
        return self._seat.sent

    async def offer(self) -> str:
        """
        An SDP offer that carries every ICE candidate.

        Raises:
            SignalingError: no port is free.
        """
        connection = self._peer.connection
        await connection.setLocalDescription(await connection.createOffer())
        return str(connection.localDescription.sdp)

    async def accept(self, answer: str) -> None:
        """
        Begin to connect to whoever gave ``answer``.

        Raises:
            SignalingError: it is no answer to our offer.
        """
        try:
            description = RTCSessionDescription(answer, "answer")
            await self._peer.connection.setRemoteDescription(description)
        except Exception as error:  # noqa: BLE001  aiortc trips over garbage in every possible way
            words = f"{type(error).__name__} {error}"[:200]
            raise SignalingError(f"its answer cannot be used: {words}") from error

    async def until_gone(self, showing: Callable[[], None]) -> str:
        """
        Wait until the connection is over.

        Args:
            showing: called about once a second while pictures go out.

        Returns:
            Why, in words.
        """

        async def heard() -> int | None:
            if self._seat.over:  # no encoder works any more
                return 0
            if not self._seat.sent:
                return None
            showing()
            return (await self._peer.link()).heard

        return await self._peer.until_gone(heard)

    async def close(self) -> None:
        """End it. Takes less than 2 s. Any number of times."""
        self._seat.leave()
        await self._peer.close()
