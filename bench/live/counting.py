"""
``python -m bench.live.counting URL``: many viewers in one process that count and do not decode.

Whether a frame arrived whole is in the RTP headers, which SRTP leaves readable (RFC 3711), so
nothing is decrypted either: on the machine that is measured, receiving must cost next to nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from typing import Any

import aiohttp
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    pack_remb_fci,
)

from bench.live.program import Answer, obey
from bench.live.tally import Tally
from bench.live.watching import Watcher

REPORT_S = 1.0
ESTIMATE_BPS = 2_000_000  # what every viewer says its network carries


class Counter:
    """One viewer that counts."""

    def __init__(self, url: str, codec: str | None, estimate_bps: int) -> None:
        self._watcher = Watcher(url, codec)
        self._estimate_bps = estimate_bps

    async def join(self, session: aiohttp.ClientSession) -> None:
        """Raises InputError."""
        await self._watcher.join(session)
        self.tally = Tally(self._watcher.payload_type)
        transport = self._watcher.receiver.transport
        transport._rx_srtp = _Unopened(transport._rx_srtp)
        transport._handle_rtp_data = self._take
        self._reporting = asyncio.create_task(self._report())

    async def tell(self, session: aiohttp.ClientSession) -> None:
        """Tell the service that this viewer leaves."""
        await self._watcher.tell(session)

    async def close(self) -> None:
        """Leave."""
        self._reporting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reporting
        await self._watcher.close()

    async def _take(self, data: bytes, arrival_time_ms: int) -> None:
        self.tally.take(data)

    async def _report(self) -> None:
        """Tell the sender once a second, as browsers do, what arrives and what could."""
        while True:
            await asyncio.sleep(REPORT_S)
            ssrc = self.tally.ssrc
            if not ssrc:
                continue
            report = RtcpReceiverInfo(
                ssrc=ssrc,
                fraction_lost=0,
                packets_lost=min(self.tally.lost, (1 << 23) - 1),
                highest_sequence=self.tally.highest,
                jitter=0,
                lsr=0,
                dlsr=0,
            )
            await self._send(RtcpRrPacket(ssrc=1, reports=[report]))
            remb = pack_remb_fci(self._estimate_bps, [ssrc])
            await self._send(RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=1, media_ssrc=0, fci=remb))

    async def _send(self, packet: Any) -> None:
        with contextlib.suppress(ConnectionError):
            await self._watcher.receiver.transport._send_rtp(bytes(packet))


class _Unopened:
    """An SRTP session that leaves pictures encrypted, and reads reports as ever."""

    def __init__(self, session: Any) -> None:
        self._session = session

    def unprotect(self, data: bytes) -> bytes:
        return data

    def unprotect_rtcp(self, data: bytes) -> bytes:
        return bytes(self._session.unprotect_rtcp(data))


class Crowd:
    """The viewers of one service."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._viewers: list[Counter] = []

    async def join(
        self,
        count: int,
        codec: str | None = None,
        estimate_bps: int = ESTIMATE_BPS,
        told: bool = False,
    ) -> Answer:
        """Let viewers come or go until ``count`` watch; those who go say so if ``told``."""
        async with aiohttp.ClientSession() as session:
            while len(self._viewers) > count:
                viewer = self._viewers.pop()
                if told:
                    await viewer.tell(session)
                await viewer.close()
            while len(self._viewers) < count:
                viewer = Counter(self._url, codec, estimate_bps)
                await viewer.join(session)
                self._viewers.append(viewer)
        return {"viewers": len(self._viewers)}

    async def count(self) -> Answer:
        """What each has so far, in the order they came; and when that was, on the common clock."""
        tallies = [viewer.tally for viewer in self._viewers]
        return {
            "at_s": time.monotonic(),
            "frames": [tally.frames for tally in tallies],
            "packets": [tally.packets for tally in tallies],
            "lost": [tally.lost for tally in tallies],
        }


async def main(url: str) -> None:
    """Serve ``join`` and ``count`` until standard input ends."""
    crowd = Crowd(url)
    await obey({"join": crowd.join, "count": crowd.count})
    await crowd.join(0)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
