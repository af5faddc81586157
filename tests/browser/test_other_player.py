"""A player that others made, in a page of its own: @eyevinn/webrtc-player speaks WHEP to us."""

from __future__ import annotations

import json
import re

import pytest
from playwright.async_api import Page, Route

from tests.browser.conftest import Open
from tests.browser.driving import PATIENCE_MS, colours_become, until, viewers_become
from tests.browser.npm import Package
from tests.browser.service import Service

PLAYER = Package(
    "@eyevinn/webrtc-player",
    "0.13.0",
    "sha512-X5Nzznbyw9PXj85HYV7nyHSbeC0tWpTTAFEYjilnlLLWfo9EARx1tCQk5tdhmImnDST8VN50SYt6uMDudoVnWw==",
)
EVENTS = Package(  # what it inherits from
    "events",
    "3.3.0",
    "sha512-mQw+2fkQbALzQ7V0MY0IqdnXNOeTtP4r0lN9z7AAawCXgqea7bDii20AYrIBrFd/Hx0M2Ocz6S111CaFkUcb0Q==",
)

# It is published as CommonJS. What else it requires is for advertisements and another protocol.
HTML = """<!doctype html><title>Another player</title><video id="video" muted autoplay></video>
<script type="module">
const modules = {};
for (const [name, code] of Object.entries(CODE)) {
  const module = { exports: {} };
  const require = (wanted) => modules[wanted] ?? {};
  new Function("module", "exports", "require", code)(module, module.exports, require);
  modules[name] = module.exports;
}
const { WebRTCPlayer } = modules.player;
window.player = new WebRTCPlayer({ video, type: "whep", iceServers: [] });
window.said = [];
const { emit } = window.player;
window.player.emit = function (name, ...more) {
  window.said.push(name);
  return emit.call(this, name, ...more);
};
</script>"""

LOAD = "(authorization) => player.load(new URL('/whep', location.href), authorization)"

# Frames that were decoded, after the next ten were shown.
DECODED = """async () => {
  for (let left = 10; left; left -= 1) {
    await new Promise((shown) => { video.requestVideoFrameCallback(shown); });
  }
  return video.getVideoPlaybackQuality().totalVideoFrames;
}"""


@pytest.fixture(scope="module")
def html() -> str:
    """A page with the player in it, which plays nothing yet."""
    code = {"events": EVENTS.read("events.js"), "player": PLAYER.read("dist/main.js")}
    return HTML.replace("CODE", json.dumps(code).replace("</", "<\\/"))


async def open_player(service: Service, open_page: Open, html: str, allow: str = "") -> Page:
    """Open ``html`` as if it lay on the service's host."""
    url = f"{service.url}player"

    async def show(route: Route) -> None:
        await route.fulfill(content_type="text/html", body=html)

    return await open_page(
        url, allow=allow, prepare=lambda page: page.route(url, show), ignore_https_errors=True
    )


async def test_it_plays_and_leaves(service: Service, open_page: Open, html: str) -> None:
    page = await open_player(service, open_page, html)
    await page.evaluate(LOAD)
    await colours_become(page, "00b140")
    assert await page.evaluate(DECODED) >= 10
    assert await page.evaluate("video.videoWidth") == 640
    await viewers_become(service, 1)
    await page.evaluate("player.unload()")
    await viewers_become(service, 0)
    assert await page.evaluate("said") == []


async def test_it_brings_the_token_along(guarded: Service, open_page: Open, html: str) -> None:
    page = await open_player(guarded, open_page, html, allow="status of 401|response: 401")
    await page.evaluate(LOAD)
    await page.wait_for_function("said.includes('initial-connection-failed')", timeout=PATIENCE_MS)
    await page.evaluate(LOAD, f"Bearer {guarded.link.partition('#token=')[2]}")
    await colours_become(page, "00b140")
    await page.evaluate("player.unload()")

    async def left() -> bool:
        return re.search(r"viewer \w+ left", guarded.output) is not None

    await until(left, "its DELETE did not come")
