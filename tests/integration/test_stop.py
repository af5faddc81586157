"""SIGTERM ends the service: in order, and with nothing alarming in its log."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import pytest

from bench.live.watching import Watcher
from tests.browser.service import Service


@pytest.mark.parametrize(
    "source",
    ["presenter:?size=1920x1080", "demo:", "auto:", "browser:", "stream:rtsp://127.0.0.1:1/"],
)
def test_a_service_stops_cleanly_even_while_it_starts(tmp_path: Path, source: str) -> None:
    service = Service(
        tmp_path / "state",
        *("--source", source, "--matting", "constant:0", "--cache-dir", str(tmp_path / "cache")),
    ).start()  # it listens: sources and models are still being opened
    assert service.stop() == 0
    assert "stopping" in service.output
    assert "Traceback" not in service.output
    assert "terminate" not in service.output


async def test_viewers_are_told_that_it_ends(tmp_path: Path) -> None:
    service = Service(
        tmp_path / "state", *("--source", "bars:?size=320x180", "--matting", "constant:0")
    )
    await asyncio.to_thread(service.start)
    watcher = Watcher(service.url.rstrip("/"))
    try:
        async with aiohttp.ClientSession() as session:
            await watcher.join(session)
        assert await asyncio.to_thread(service.stop) == 0
        for _ in range(600):  # a viewer who was not told finds out in half a minute, as "failed"
            if watcher.state != "connected":
                break
            await asyncio.sleep(0.1)
        assert watcher.state == "closed"
    finally:
        await watcher.close()
        await asyncio.to_thread(service.stop)
