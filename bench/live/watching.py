"""A WHEP viewer that is handed packets, in place of aiortc's own jitter buffer and decoder."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
from aiortc import RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.sdp import SessionDescription
from yarl import URL

from edge.errors import InputError
from edge.webrtc.ice import IceSettings
from edge.webrtc.rtc import peer_connection

CONNECT_S = 20.0


class Watcher:
    """
    One connection that receives video.

    Attributes:
        receiver: aiortc's, once connected; its decoder thread has ended, so that what it receives
            costs no decoding.
        payload_type: of the pictures' packets, without those sent again.
        codec: "VP8" or "H264".
    """

    receiver: Any
    payload_type: int | None
    codec: str

    _resource = ""  # what to DELETE when leaving

    def __init__(self, url: str, codec: str | None = None) -> None:
        self._url = url
        self._codec = codec
        self._peer: RTCPeerConnection = peer_connection(IceSettings())

    @property
    def state(self) -> str:
        """Of the connection, as browsers call it: "connected", "closed", "failed"."""
        return str(self._peer.connectionState)

    async def join(self, session: aiohttp.ClientSession) -> None:
        """
        Raises:
            InputError: it is refused, or not connected in time.
        """
        transceiver = self._peer.addTransceiver("video", "recvonly")
        if self._codec is not None:
            known = RTCRtpSender.getCapabilities("video").codecs
            transceiver.setCodecPreferences([c for c in known if c.name == self._codec])
        await self._peer.setLocalDescription(await self._peer.createOffer())
        offer = self._peer.localDescription.sdp
        headers = {"Content-Type": "application/sdp"}
        async with session.post(f"{self._url}/whep", data=offer, headers=headers) as response:
            answer = await response.text()
            if response.status != 201:
                raise InputError(f"{self._url}/whep: {response.status} {answer[:300]}")
            location = response.headers.get("Location", "")  # plain aiortc's server gives none
            self._resource = str(response.url.join(URL(location)))
        first = SessionDescription.parse(answer).media[0].rtp.codecs[0]
        self.payload_type, self.codec = first.payloadType, str(first.name)
        await self._peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await self._connected()
        self.receiver = transceiver.receiver
        await asyncio.to_thread(_end_decoder, self.receiver)

    async def _connected(self) -> None:
        async def connected() -> None:
            while self._peer.connectionState != "connected":  # noqa: ASYNC110  once, at start
                await asyncio.sleep(0.02)

        try:
            await asyncio.wait_for(connected(), CONNECT_S)
        except asyncio.TimeoutError as error:
            raise InputError(f"{self._url}: not connected within {CONNECT_S:.0f} s") from error

    async def tell(self, session: aiohttp.ClientSession) -> None:
        """Tell the service that this viewer leaves. Raises InputError when it does not take it."""
        async with session.delete(self._resource) as response:
            if response.status != 200:
                raise InputError(f"DELETE {self._resource}: {response.status}")

    async def close(self) -> None:
        """Leave, which the service notices by itself."""
        await self._peer.close()


def _end_decoder(receiver: Any) -> None:
    """aiortc decodes whatever comes, wanted or not; without its thread it does not."""
    receiver._RTCRtpReceiver__decoder_queue.put(None)
    receiver._RTCRtpReceiver__decoder_thread.join()
    receiver._RTCRtpReceiver__decoder_thread = None
