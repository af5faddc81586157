"""FFmpeg's own WHIP muxer brings a picture in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import aiohttp
import av
import numpy as np
import pytest
from ffmpeg_muxer import PATIENCE_S, Ffmpeg
from numpy.typing import NDArray
from webrtc_stand import Watcher, read_index

from edge.http import certificates
from tests.browser.service import Service

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(300),
    pytest.mark.skipif("whip" not in av.formats_available, reason="PyAV's FFmpeg has no whip"),
]

LOOK = ("--matting", "constant:0.5", "--no-matte.presence", "--background", "color:808080")


@pytest.fixture
def pem(tmp_path: Path) -> Path:
    path = tmp_path / "dtls.pem"
    path.write_bytes(certificates.make(["ffmpeg"]))
    return path


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[str], Service]]:
    """Start a service that shows, half through grey, whoever comes in by WHIP."""
    running: list[Service] = []

    def start(listen: str) -> Service:
        service = Service(tmp_path, "--source", "browser:", *LOOK, "--listen", listen)
        running.append(service)
        return service.start()

    yield start
    for service in running:
        assert service.stop() == 0
        assert "Traceback" not in service.output, service.output


def asking(service: Service) -> aiohttp.ClientSession:
    """Whoever asks ``service`` with its token."""
    url, _, token = service.link.partition("#token=")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    own_certificate = aiohttp.TCPConnector(ssl=False)
    return aiohttp.ClientSession(url, headers=headers, connector=own_certificate)


async def watch(session: aiohttp.ClientSession, watcher: Watcher) -> None:
    sdp = {"Content-Type": "application/sdp"}
    async with session.post("whep", data=await watcher.offer(), headers=sdp) as answer:
        assert answer.status == 201
        await watcher.accept(await answer.text())


async def source_becomes(session: aiohttp.ClientSession, status: str) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while True:
        async with session.get("api/state") as answer:
            source = (await answer.json())["source"]
        if source["status"] == status:
            return
        assert time.monotonic() < deadline_s, source
        await asyncio.sleep(0.1)


def is_pushed(image: NDArray[np.uint8]) -> bool:
    """Whether this is what ``paint`` drew, half through grey, and no slate."""
    green = image[: image.shape[0] // 2, :, 1]
    return abs(float(green.mean()) - (90 + 128) / 2) < 8 and float(green.std()) < 16


async def push(ffmpeg: Ffmpeg, watcher: Watcher) -> None:
    """Let ``ffmpeg`` push until ``watcher`` has seen eight of its pictures, then end it."""
    ffmpeg.start()
    try:
        indices = await shown(watcher, ffmpeg, 8)
    finally:
        await asyncio.to_thread(ffmpeg.stop)
    assert ffmpeg.error is None
    assert indices == sorted(indices)


async def shown(watcher: Watcher, ffmpeg: Ffmpeg, count: int) -> list[int]:
    """The numbers of the pictures of ``ffmpeg`` that ``watcher`` sees, until it saw ``count``."""
    indices: list[int] = []
    while len(set(indices)) < count:
        assert ffmpeg.is_alive(), ffmpeg.error
        image = await watcher.picture(PATIENCE_S)
        if is_pushed(image) and (index := read_index(image)) >= ffmpeg.first:
            indices.append(index)
    return indices


async def test_its_picture_is_shown_and_its_end_ends_the_session(
    serve: Callable[[str], Service], watcher: Callable[..., Watcher], pem: Path
) -> None:
    service = await asyncio.to_thread(serve, "127.0.0.1:0")
    one = watcher("H264")
    async with asking(service) as session:
        await watch(session, one)
        for first in (0, 1 << 12):  # the second one finds the place free
            await push(Ffmpeg(f"{service.url}whip", pem, first=first), one)
            await source_becomes(session, "lost")
    assert service.output.count("left: said goodbye") == 2


async def test_it_comes_in_by_tls_with_the_token_and_its_sound_does_no_harm(
    serve: Callable[[str], Service], watcher: Callable[..., Watcher], pem: Path
) -> None:
    service = await asyncio.to_thread(serve, "0.0.0.0:0")
    where, token = f"{service.url}whip", service.link.partition("#token=")[2]
    one = watcher("H264")
    async with asking(service) as session:
        await watch(session, one)
        stranger = Ffmpeg(where, pem, "a-token-of-another-service")
        stranger.start()
        await asyncio.to_thread(stranger.join, PATIENCE_S)
        assert isinstance(stranger.error, av.error.HTTPUnauthorizedError)
        await push(Ffmpeg(where, pem, token, sound=True), one)
        await source_becomes(session, "lost")
