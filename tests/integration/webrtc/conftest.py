"""Viewers and guests over real WebRTC, on loopback, with real encoders and decoders."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # for webrtc_stand

from webrtc_stand import Publisher, Watcher  # noqa: E402  found on the path above

from edge.latest import Broadcast  # noqa: E402
from edge.webrtc.viewers import Viewers  # noqa: E402


@pytest.fixture
async def broadcast() -> Broadcast:
    return Broadcast(asyncio.get_running_loop())


@pytest.fixture
async def publisher(broadcast: Broadcast) -> AsyncIterator[Publisher]:
    thread = Publisher(broadcast.publish)
    thread.start()
    yield thread
    thread.stop()


@pytest.fixture
async def viewers(broadcast: Broadcast) -> AsyncIterator[Viewers]:
    made = Viewers(broadcast, limit=4, allow_original=True)
    yield made
    await made.close()


@pytest.fixture
async def watcher() -> AsyncIterator[Callable[..., Watcher]]:
    made: list[Watcher] = []

    def make(codec: str | None = None, direction: str = "recvonly") -> Watcher:
        made.append(Watcher(codec, direction))
        return made[-1]

    yield make
    await asyncio.gather(*(one.close() for one in made))
