"""
``python -m bench.live.plain --clip FILE --listen ADDRESS:PORT``: what aiortc's examples do.

One track for each viewer over the same pictures, so that aiortc encodes them once for each: the
baseline that ``bench viewers`` compares with. It answers WHEP, and ``/api/stats`` with the number
of pictures shown.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
from aiohttp import web
from aiortc import MediaStreamTrack, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError

from edge.webrtc.ice import IceSettings
from edge.webrtc.rtc import peer_connection

CLOCK_HZ = 90_000
PICTURES = 60  # of the clip, decoded beforehand, shown again and again


class Show:
    """The clip's pictures, one after the other at its pace, for whoever waits."""

    def __init__(self, clip: Path) -> None:
        with av.open(str(clip)) as container:
            stream = container.streams.video[0]
            self._fps = float(stream.average_rate or 30)
            self._pictures = [
                picture.reformat(format="yuv420p").to_ndarray()
                for picture in islice(container.decode(stream), PICTURES)
            ]
        self._arrival: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.count = 0

    async def run(self) -> None:
        """Never ends."""
        loop = asyncio.get_running_loop()
        begin_s = loop.time()
        while True:
            self.count += 1
            arrived, self._arrival = self._arrival, loop.create_future()
            arrived.set_result(None)
            await asyncio.sleep(max(0.0, begin_s + self.count / self._fps - loop.time()))

    async def next(self) -> av.VideoFrame:
        """The next picture, a header of its own with planes that all share."""
        await asyncio.shield(self._arrival)
        planes = self._pictures[self.count % len(self._pictures)]
        picture = av.VideoFrame.from_numpy_buffer(planes, format="yuv420p")
        picture.pts = round(self.count * CLOCK_HZ / self._fps)
        picture.time_base = Fraction(1, CLOCK_HZ)
        return picture


class Track(MediaStreamTrack):
    """What one viewer sees."""

    kind = "video"

    def __init__(self, show: Show) -> None:
        super().__init__()
        self._show = show

    async def recv(self) -> av.VideoFrame:
        if self.readyState != "live":
            raise MediaStreamError
        return await self._show.next()


class Server:
    """The HTTP side."""

    def __init__(self, show: Show) -> None:
        self._show = show
        self._peers: set[RTCPeerConnection] = set()

    async def watch(self, request: web.Request) -> web.Response:
        peer = peer_connection(IceSettings())
        self._peers.add(peer)

        async def changed() -> None:
            if peer.connectionState in ("failed", "closed"):
                self._peers.discard(peer)
                await peer.close()

        peer.on("connectionstatechange", changed)
        peer.addTrack(Track(self._show))
        await peer.setRemoteDescription(RTCSessionDescription(await request.text(), "offer"))
        await peer.setLocalDescription(await peer.createAnswer())
        answer = peer.localDescription.sdp
        return web.Response(status=201, text=answer, content_type="application/sdp")

    async def stats(self, request: web.Request) -> web.Response:
        return web.json_response({"composited": self._show.count, "viewers": len(self._peers)})

    async def close(self) -> None:
        await asyncio.gather(*(peer.close() for peer in self._peers))


async def serve(clip: Path, listen: str) -> None:
    """Until SIGTERM."""
    show = Show(clip)
    server = Server(show)
    app = web.Application()
    app.add_routes([web.post("/whep", server.watch), web.get("/api/stats", server.stats)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    host, _, port = listen.rpartition(":")
    await web.TCPSite(runner, host, int(port)).start()
    running = asyncio.create_task(show.run())
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    print(f"Open http://{host}:{runner.addresses[0][1]}/", flush=True)
    await stopped.wait()
    running.cancel()
    await server.close()
    await runner.cleanup()


if __name__ == "__main__":
    words = argparse.ArgumentParser("python -m bench.live.plain")
    words.add_argument("--clip", type=Path, required=True)
    words.add_argument("--listen", default="127.0.0.1:0")
    given = words.parse_args()
    asyncio.run(serve(given.clip, given.listen))
