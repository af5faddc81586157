"""
``python -m bench.live.seeing URL``: one viewer that decodes, and reads when each picture was taken.

A picture is decoded as soon as its last packet is here (RTP's marker), as a browser does on a quiet
network. aiortc's own receiver waits for the first packet of the next one: a frame more.
"""

from __future__ import annotations

import asyncio
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import aiohttp
import av
import numpy as np
from aiortc.rtp import RtpPacket

from bench.live.codes import Code, read
from bench.live.program import Answer, obey
from bench.live.watching import Watcher


class Screen:
    """Decodes one stream and reads the codes in its pictures. Not for several threads."""

    def __init__(self, codec: str) -> None:
        self._decoder: Any = av.CodecContext.create({"VP8": "vp8", "H264": "h264"}[codec], "r")
        self._decoder.thread_count = 1  # frame threads would each hold a picture back
        self._decoder.options = {"flags": "low_delay"}

    def show(self, data: bytes) -> list[Code | None]:
        """
        The codes in the pictures that ``data`` completes; None: a picture without one.

        Raises:
            av.FFmpegError: it does not decode.
        """
        return [read(_luma(picture)) for picture in self._decoder.decode(av.Packet(data))]


class Eye:
    """The viewer: packets to pictures to times."""

    def __init__(self, url: str, codec: str | None) -> None:
        self._watcher = Watcher(url, codec)
        self._executor = ThreadPoolExecutor(1, "decoder")
        self._parts: list[bytes] = []
        self._expected: int | None = None
        self._whole = False
        self.seen: list[tuple[int, int]] = []  # index, and the time from capture to sight in ns
        self.unread = 0

    async def join(self, session: aiohttp.ClientSession) -> None:
        """Raises InputError."""
        await self._watcher.join(session)
        self._screen = Screen(self._watcher.codec)
        receiver = self._watcher.receiver
        self._aiortc = receiver._handle_rtp_packet  # reports, estimates and asks for key frames
        receiver._handle_rtp_packet = self._take

    async def close(self) -> None:
        """Leave."""
        await self._watcher.close()
        self._executor.shutdown()

    async def _take(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        await self._aiortc(packet, arrival_time_ms)
        if packet.payload_type != self._watcher.payload_type or not hasattr(packet, "_data"):
            return
        if packet.sequence_number != self._expected:
            self._whole, self._parts = not self._parts and self._expected is None, []
        self._expected = (packet.sequence_number + 1) % (1 << 16)
        self._parts.append(packet._data)
        if packet.marker:
            data, self._parts = b"".join(self._parts), []
            whole, self._whole = self._whole, True
            if whole:
                await asyncio.get_running_loop().run_in_executor(self._executor, self._see, data)

    def _see(self, data: bytes) -> None:
        try:
            codes = self._screen.show(data)
        except av.FFmpegError:  # what came before was lost: a key frame mends it
            self._watcher.receiver._RTCRtpReceiver__decoder_error.set()
            return
        now_ns = time.monotonic_ns()
        for code in codes:
            if code is None:
                self.unread += 1
            else:
                self.seen.append((code.index, code.age_ns(now_ns)))

    async def begin(self) -> Answer:
        """Forget what was seen so far."""
        self.seen, self.unread = [], 0
        return {"codec": self._watcher.codec}

    async def report(self) -> Answer:
        """What was seen since: each picture once, however often it was shown."""
        first: dict[int, int] = {}
        for index, age_ns in self.seen:
            first.setdefault(index, age_ns)
        return {
            "codec": self._watcher.codec,
            "ages_ms": [age_ns / 1e6 for age_ns in first.values()],
            "unread": self.unread,
        }


def _luma(picture: av.VideoFrame) -> Any:
    plane = picture.planes[0]
    lines = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    return lines[: picture.height, : picture.width]


async def main(url: str, codec: str | None) -> None:
    """Watch until standard input ends."""
    eye = Eye(url, codec)
    async with aiohttp.ClientSession() as session:
        await eye.join(session)
    await obey({"begin": eye.begin, "report": eye.report})
    await eye.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else None))
