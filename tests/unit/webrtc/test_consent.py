"""Consent to send (RFC 7675): who sends asks for it again and again, who only receives does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aioice import Connection
from aiortc import RTCPeerConnection

from edge.webrtc.gathering import EdgeConnection
from edge.webrtc.ice import IceSettings
from edge.webrtc.rtc import peer_connection

Connect = Callable[..., Awaitable[tuple[Connection, Connection]]]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Connect two: ours, which ``sends`` or not, and one that answers no check from then on."""
    made: list[Connection] = []

    async def connected(sends: bool) -> tuple[Connection, Connection]:
        ours, theirs = pair = Connection(ice_controlling=False), Connection(ice_controlling=True)
        for one in pair:
            EdgeConnection.adopt(one, None, None, sends)
            made.append(one)
            await one.gather_candidates()
        for one, other in ((ours, theirs), (theirs, ours)):
            one.remote_username = other.local_username
            one.remote_password = other.local_password
            for candidate in (*other.local_candidates, None):
                await one.add_remote_candidate(candidate)
        await asyncio.gather(*(one.connect() for one in pair))
        theirs.request_received = lambda *request: None
        return ours, theirs

    yield connected
    await asyncio.gather(*(one.close() for one in made))


async def test_who_answers_no_check_may_still_send_to_us_but_gets_nothing(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("aioice.ice.CONSENT_INTERVAL", 0.01)
    monkeypatch.setattr("aioice.stun.RETRY_RTO", 0.01)
    receiving, sender = await connect(sends=False)
    sending, _ = await connect(sends=True)
    with pytest.raises(ConnectionError):
        await sending.recv()  # it ends, and the other would have ended before it
    await sender.send(b"media")
    assert await receiving.recv() == b"media"


@pytest.mark.parametrize(
    ("direction", "sends"),
    [("recvonly", False), ("inactive", False), ("sendonly", True), ("sendrecv", True)],
)
async def test_a_peer_connection_knows_whether_it_sends(direction: str, sends: bool) -> None:
    peer: RTCPeerConnection = peer_connection(IceSettings())
    transceiver = peer.addTransceiver("video", direction)
    await peer.setLocalDescription(await peer.createOffer())
    assert transceiver.receiver.transport.transport.iceGatherer._connection.sends is sends
    await peer.close()
