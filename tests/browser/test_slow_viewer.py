"""A viewer on a slow network gets the smaller rendition; who is on a fast one loses nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from playwright.async_api import Page

from tests.browser.conftest import Open
from tests.browser.driving import KEEP_PEER, live, script, until
from tests.browser.service import Service

SLOW_BPS = 240_000  # under half of what a picture of 640x360 begins at
PATIENCE_S = 120  # what was sent too much at first has to come through, too

# Of the frames that are decoded: their width, and how many there were.
DECODED = """async () => {
  const report = [...(await window.peer.getStats()).values()];
  const video = report.find((entry) => entry.type === "inbound-rtp");
  return [video?.frameWidth ?? 0, video?.framesDecoded ?? 0];
}"""


async def slow_down(page: Page) -> None:
    """Let ``page`` connect anew, over a network that carries ``SLOW_BPS``."""
    await page.click("#tool-play")
    devtools = await page.context.new_cdp_session(page)
    unlimited = {"offline": False, "latency": 0, "uploadThroughput": -1}
    limits = {**unlimited, "downloadThroughput": SLOW_BPS // 8, "packetQueueLength": 10}
    await devtools.send("Network.emulateNetworkConditions", limits)
    await page.click("#play")


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_who_is_slow_gets_a_smaller_picture_and_the_other_keeps_the_full_one(
    serve: Callable[..., Service], open_page: Open
) -> None:
    service = await asyncio.to_thread(
        serve, "--source", "bars:?size=640x360&fps=15", "--matting", "constant:0.5",
        "--no-matte.presence", "--background", "color:808080",
    )  # fmt: skip
    fast = await open_page(service.url, prepare=script(KEEP_PEER))
    slow = await open_page(service.url, prepare=script(KEEP_PEER))
    await live(fast)
    await live(slow)
    await slow_down(slow)
    seen: dict[str, Any] = {}

    async def apart() -> bool:
        stats = await asyncio.to_thread(service.get, "api/stats")
        seen["renditions"] = [(one["width"], one["viewers"]) for one in stats["renditions"]]
        seen["fast"], before = await fast.evaluate(DECODED), seen.get("fast", [0, 0])
        seen["slow"] = await slow.evaluate(DECODED)
        return (
            sorted(seen["renditions"]) == [(320, 1), (640, 1)]
            and seen["slow"][0] == 320
            and seen["fast"][0] == 640
            and seen["fast"][1] > before[1]
        )

    await until(apart, lambda: f"both see the same: {seen}", PATIENCE_S)
