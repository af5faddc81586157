"""The picture: it plays, shows the chosen background, and comes back by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from playwright.async_api import expect

from tests.browser.conftest import Open
from tests.browser.driving import (
    KEEP_PEER,
    PATIENCE_MS,
    colours_become,
    live,
    script,
    viewers_become,
)
from tests.browser.service import Service

PLAYS_WITHIN_S = 3.0

# Seconds from the click on Play to the first picture, and then the picture stopped again.
TIME_TO_PICTURE = """async () => {
  const video = document.getElementById("video");
  const started = performance.now();
  document.getElementById("tool-play").click();
  await new Promise((shown) => { video.requestVideoFrameCallback(shown); });
  const seconds = (performance.now() - started) / 1000;
  document.getElementById("tool-play").click();
  return seconds;
}"""

# [composites made by the service, frames decoded by this page], over some seconds.
DECODED = """async (seconds) => {
  const count = async () => {
    const stats = await (await fetch("/api/stats")).json();
    const report = [...(await window.peer.getStats()).values()];
    const inbound = report.find((entry) => entry.type === "inbound-rtp");
    return [stats.composited, inbound.framesDecoded];
  };
  const before = await count();
  await new Promise((passed) => { setTimeout(passed, 1000 * seconds); });
  const after = await count();
  return after.map((value, i) => value - before[i]);
}"""

REFUSE_AUTOPLAY = """
let clicked = false;
addEventListener("click", () => { clicked = true; }, true);
const play = HTMLMediaElement.prototype.play;
HTMLMediaElement.prototype.play = function () {
  if (clicked) return play.call(this);
  return Promise.reject(new DOMException("a click first", "NotAllowedError"));
};
"""


async def test_the_page_plays_by_itself_and_shows_the_chosen_background(
    service: Service, open_page: Open
) -> None:
    page = await open_page(service.url)
    await live(page)
    await colours_become(page, "00b140")
    await expect(page.locator("#status")).to_have_text("Live")
    await expect(page.locator("#veil")).to_be_hidden()


async def test_a_click_on_play_gives_a_picture_within_three_seconds(
    service: Service, open_page: Open
) -> None:
    page = await open_page(service.url)
    await live(page)
    await page.click("#tool-play")
    # The best of some: the machine that runs this may have other work.
    times = [await page.evaluate(TIME_TO_PICTURE) for _ in range(4)]
    assert min(times) < PLAYS_WITHIN_S, times


async def test_where_autoplay_is_refused_a_click_on_play_is_enough(
    service: Service, open_page: Open
) -> None:
    page = await open_page(service.url, prepare=script(REFUSE_AUTOPLAY))
    await expect(page.locator("#veil-title")).to_have_text("Press Play to watch")
    await page.get_by_role("button", name="Play", exact=True).first.click()
    await live(page)
    await colours_become(page, "00b140")


async def test_stop_leaves_the_service_and_play_comes_back(
    service: Service, open_page: Open
) -> None:
    page = await open_page(service.url)
    await live(page)

    await viewers_become(service, 1)
    await page.click("#tool-play")
    await expect(page.locator("#status")).to_have_text("Stopped")
    await viewers_become(service, 0)
    await page.click("#play")
    await live(page)
    await viewers_become(service, 1)
    await page.goto("about:blank")
    await viewers_become(service, 0)


async def test_another_background_shows_without_a_hitch(service: Service, open_page: Open) -> None:
    page = await open_page(service.url)
    await live(page)
    await colours_become(page, "00b140")
    await page.click(".swatch[data-hex='0047bb']")
    await colours_become(page, "0047bb")
    await expect(page.locator(".swatch[data-hex='0047bb']")).to_have_attribute(
        "aria-pressed", "true"
    )
    state = await asyncio.to_thread(service.get, "api/state")
    assert state["background"]["id"] == "color:0047bb"
    assert await page.evaluate("document.querySelector('#picture').dataset.tone") == "live"


async def test_a_reload_shows_the_same_again(service: Service, open_page: Open) -> None:
    page = await open_page(service.url)
    await live(page)
    await page.click(".swatch[data-hex='0047bb']")
    await colours_become(page, "0047bb")
    await page.reload()
    await live(page)
    await colours_become(page, "0047bb")


async def test_two_pages_watch_at_once_and_stay_in_step(service: Service, open_page: Open) -> None:
    one, other = await open_page(service.url), await open_page(service.url)
    await live(one)
    await live(other)
    await expect(one.locator("#viewers")).to_have_text("2 watching", timeout=PATIENCE_MS)
    await one.click("#tool-mirror")
    await expect(other.locator("#tool-mirror")).to_have_attribute(
        "aria-pressed", "true", timeout=PATIENCE_MS
    )
    await other.click(".swatch[data-hex='0047bb']")
    await colours_become(one, "0047bb")
    await colours_become(other, "0047bb")


async def test_chromium_decodes_nearly_every_composite(service: Service, open_page: Open) -> None:
    page = await open_page(service.url, prepare=script(KEEP_PEER))
    await live(page)
    shares = []
    for _ in range(4):  # the best of some: the machine that runs this may have other work
        composites, decoded = await page.evaluate(DECODED, 4)
        assert composites > 0
        shares.append((decoded + 1) / composites)  # one may be on its way
        if shares[-1] >= 0.99:
            break
    assert max(shares) >= 0.99, shares


async def test_the_page_comes_back_by_itself_when_the_service_restarts(
    serve: Callable[..., Service], open_page: Open
) -> None:
    service = await asyncio.to_thread(
        serve, "--source", "presenter:?size=640x360&fps=15", "--matting", "constant:0",
        "--background", "color:00b140",
    )  # fmt: skip
    page = await open_page(service.url, allow="net::ERR_|WebSocket connection")
    await live(page)
    await asyncio.to_thread(service.restart)
    await page.wait_for_selector("#picture:not([data-tone=live])", timeout=PATIENCE_MS)
    await live(page)
    await colours_become(page, "00b140")


async def test_a_page_for_whom_there_is_no_place_says_so_and_gets_in_later(
    serve: Callable[..., Service], open_page: Open
) -> None:
    service = await asyncio.to_thread(
        serve, "--source", "presenter:?size=640x360&fps=15", "--matting", "constant:0",
        "--max-viewers", "1",
    )  # fmt: skip
    first = await open_page(service.url)
    await live(first)
    second = await open_page(service.url, allow="status of 503")
    await expect(second.locator("#veil-detail")).to_contain_text(
        "places are taken; try again in a while. Trying again by itself."
    )
    await first.click("#tool-play")
    await live(second)
