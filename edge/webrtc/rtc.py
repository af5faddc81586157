"""Peer connections that gather their candidates as ``IceSettings`` says."""

from __future__ import annotations

from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCSessionDescription
from aiortc.rtcicetransport import RTCIceTransport

from edge.webrtc.gathering import EdgeConnection
from edge.webrtc.ice import IceSettings


class EdgePeerConnection(RTCPeerConnection):
    """An RTCPeerConnection whose candidates are gathered as ``IceSettings`` says."""

    def __init__(self, settings: IceSettings) -> None:
        servers = [
            RTCIceServer(
                urls=server.urls,
                username=server.username,
                credential=server.credential.get_secret_value() if server.credential else None,
            )
            for server in settings.servers
        ]
        super().__init__(RTCConfiguration(iceServers=servers))
        self._settings = settings

    async def setLocalDescription(  # noqa: N802  aiortc's name
        self,
        sessionDescription: RTCSessionDescription | None = None,  # noqa: N803  aiortc's name
    ) -> None:
        for transport in self._ice_transports():
            if transport.iceGatherer.state == "new":
                EdgeConnection.adopt(
                    transport.iceGatherer._connection,
                    self._settings.ports,
                    self._settings.public_address,
                    self._sends(),
                )
        await super().setLocalDescription(sessionDescription)

    def _sends(self) -> bool:
        directions = {transceiver.direction for transceiver in self.getTransceivers()}
        return bool(directions & {"sendrecv", "sendonly"}) or self.sctp is not None

    def _ice_transports(self) -> list[RTCIceTransport]:
        transports = [t.receiver.transport.transport for t in self.getTransceivers()]
        if self.sctp is not None:
            transports.append(self.sctp.transport.transport)
        return transports


def peer_connection(settings: IceSettings) -> RTCPeerConnection:
    """
    A peer connection that follows ``settings``. ``iceServers`` is always given, so that aiortc's
    own default, a public STUN server, is never asked.

    Gathering raises SignalingError when all of ``udp_ports`` are in use.
    """
    return EdgePeerConnection(settings)
