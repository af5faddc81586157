"""
A test stand for WebRTC: pictures that carry their index, who publishes them, and who watches.

Run as a program it is a viewer in a process of its own: prints its offer as one line of JSON,
reads the answer as another, watches for the given seconds and prints the indices it saw.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import threading
import time
from typing import Any

import cv2
import numpy as np
from aiortc import RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from numpy.typing import NDArray

NO_SERVERS = RTCConfiguration(iceServers=[])
BITS = 16
SIZE = (640, 360)


def paint(index: int, size: tuple[int, int] = SIZE, hue: int = 90) -> NDArray[np.uint8]:
    """Colour bars that move, and along the bottom ``index`` as 16 black or white blocks."""
    width, height = size
    columns = (np.arange(width) // 40 * 40 + 3 * index) % 256
    image = np.empty((height, width, 3), np.uint8)
    image[..., 0], image[..., 1], image[..., 2] = columns, hue, 255 - columns
    edges = np.linspace(0, width, BITS + 1).astype(int)
    for bit in range(BITS):
        level = 255 if index >> bit & 1 else 0
        image[-height // 5 :, edges[bit] : edges[bit + 1]] = level
    return image


def read_index(image: NDArray[np.uint8]) -> int:
    """What ``paint`` wrote, also after a lossy codec."""
    height, width = image.shape[:2]
    edges = np.linspace(0, width, BITS + 1).astype(int)
    strip = image[-height // 10 : -height // 40]
    blocks = [strip[:, edges[bit] + 3 : edges[bit + 1] - 3] for bit in range(BITS)]
    return sum((int(block.mean()) > 127) << bit for bit, block in enumerate(blocks))


class Watcher:
    """An aiortc peer that receives video."""

    def __init__(
        self,
        codec: str | None = None,
        direction: str = "recvonly",
        peer: RTCPeerConnection | None = None,
    ) -> None:
        self.peer = peer or RTCPeerConnection(NO_SERVERS)
        transceiver = self.peer.addTransceiver("video", direction)
        if codec is not None:
            known = RTCRtpSender.getCapabilities("video").codecs
            transceiver.setCodecPreferences([c for c in known if c.name == codec])
        self.indices: list[int] = []
        self.timestamps: list[int] = []

    async def offer(self) -> str:
        await self.peer.setLocalDescription(await self.peer.createOffer())
        return str(self.peer.localDescription.sdp)

    async def accept(self, answer: str) -> None:
        await self.peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))

    async def picture(self, timeout_s: float = 20) -> NDArray[np.uint8]:
        """The next decoded picture as RGB."""
        track = self.peer.getTransceivers()[0].receiver.track
        frame: Any = await asyncio.wait_for(track.recv(), timeout_s)
        self.timestamps.append(frame.pts)
        return np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)

    async def watch(self, count: int) -> list[int]:
        """The indices of ``count`` more pictures."""
        for _ in range(count):
            self.indices.append(read_index(await self.picture()))
        return self.indices[-count:]

    async def close(self) -> None:
        await self.peer.close()


class Publisher(threading.Thread):
    """Calls ``publish`` with the next painted picture, ``fps`` times a second."""

    def __init__(self, publish: Any, fps: float = 10, size: tuple[int, int] = SIZE) -> None:
        super().__init__(daemon=True)
        self.size = size
        self.index = 0
        self.original = False
        self._publish = publish
        self._period_s = 1 / fps
        self._stop_now = threading.Event()

    def run(self) -> None:
        from edge.frame import Composite

        while not self._stop_now.is_set():
            captured_ns = time.monotonic_ns()
            image = paint(self.index, self.size)
            original = np.full_like(image, (30, 220, 30)) if self.original else None
            self._publish(
                Composite(image, self.index, captured_ns, time.monotonic_ns(), None, original)
            )
            self.index += 1
            self._stop_now.wait(self._period_s)

    def stop(self) -> None:
        self._stop_now.set()
        self.join(5)


async def _main(codec: str, seconds: float) -> None:
    watcher = Watcher(codec)
    write(json.dumps({"sdp": await watcher.offer()}))
    line = await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    await watcher.accept(json.loads(line)["sdp"])
    with contextlib.suppress(asyncio.TimeoutError, MediaStreamError):
        await asyncio.wait_for(watcher.watch(1 << 30), seconds)
    write(json.dumps({"indices": watcher.indices}))
    await watcher.close()


def write(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    cv2.setNumThreads(1)
    asyncio.run(_main(sys.argv[1], float(sys.argv[2])))
