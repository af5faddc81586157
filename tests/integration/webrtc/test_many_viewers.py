"""Days of visitors: whoever leaves takes everything along."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable

import psutil
import pytest
from aiortc import RTCPeerConnection
from webrtc_stand import Publisher, Watcher

from edge.latest import Broadcast
from edge.webrtc.ice import IceSettings
from edge.webrtc.rtc import peer_connection
from edge.webrtc.viewers import Viewers

VISITORS = 200


def threads() -> int:
    """Those that a leak would add to: the executors' are kept, and bounded."""
    return sum("asyncio_" not in thread.name for thread in threading.enumerate())


def peers() -> int:
    return sum(isinstance(thing, RTCPeerConnection) for thing in gc.get_objects())


async def visit(viewers: Viewers, kind: int) -> None:
    """Join, see a picture, and leave: by DELETE, by closing the page, or before connecting."""
    # The visitor is in this process too, and aioice 0.10 alone would leave its checks behind.
    watcher = Watcher("VP8" if kind % 2 else "H264", peer=peer_connection(IceSettings()))
    name, answer = await viewers.connect(await watcher.offer())
    if kind % 5:
        await watcher.accept(answer)
        await watcher.picture()
    if kind % 3 or not kind % 5:
        await viewers.disconnect(name)
    await watcher.close()


async def settled(still: Callable[[], bool]) -> bool:
    for _ in range(200):
        gc.collect()
        if still():
            return True
        await asyncio.sleep(0.05)
    return False


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_visitors_one_after_another_leave_nothing_behind(broadcast: Broadcast) -> None:
    publisher = Publisher(broadcast.publish, fps=20, size=(160, 120))
    publisher.start()
    viewers = Viewers(broadcast, limit=4)
    for kind in range(10):  # whatever is made once, and kept
        await visit(viewers, kind)
    assert await settled(lambda: viewers.count == 0)
    gc.collect()
    process = psutil.Process()
    before = (threads(), process.num_fds(), len(asyncio.all_tasks()), peers())

    for kind in range(VISITORS):
        await visit(viewers, kind)

    def after() -> tuple[int, int, int, int]:
        return threads(), process.num_fds(), len(asyncio.all_tasks()), peers()

    nothing_left = await settled(
        lambda: all(now <= then for now, then in zip(after(), before, strict=True))
    )
    assert nothing_left, f"threads, files, tasks, peers: {before} became {after()}"
    assert viewers.count == 0
    await viewers.close()
    publisher.stop()
