"""The page's buttons for a snapshot and a recording, and the files that it offers."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from pathlib import Path

import av
import cv2
from playwright.async_api import Locator, Page, WebSocketRoute, expect

from tests.browser.conftest import Open
from tests.browser.driving import PATIENCE_MS, colours_become, near
from tests.browser.service import Service

SIZE = (640, 360)
GREEN = "00b140"
PUBLISHERS = [
    {"name": "whip://a", "status": "waiting", "error": "no answer", "sent": 0},
    {"name": "whip://b", "status": "live", "error": None, "sent": 9},
]


async def download(page: Page, link: Locator, to: Path) -> Path:
    """The file that a click on ``link`` saves, under the name it is offered by."""
    await expect(link).to_be_visible(timeout=PATIENCE_MS)
    async with page.expect_download(timeout=PATIENCE_MS) as started:
        await link.click()
    file = await started.value
    path = to / file.suggested_filename
    await file.save_as(path)
    return path


def offered(page: Page, words: str) -> Locator:
    """The link in the message with these words."""
    return page.locator(".toast-done", has_text=words).get_by_role("link", name="Download")


async def recorded(page: Page, on: bool) -> None:
    """Wait until the page says whether it is recorded."""
    tool = page.get_by_role("button", name="Record", exact=True)
    pressed = "true" if on else "false"
    await expect(tool).to_have_attribute("aria-pressed", pressed, timeout=PATIENCE_MS)
    await expect(page.locator("#recording")).to_be_visible(visible=on)


async def test_a_snapshot_is_offered_as_the_picture_that_viewers_see(
    service: Service, open_page: Open, tmp_path: Path
) -> None:
    page = await open_page(service.url)
    await colours_become(page, GREEN)
    await page.get_by_role("button", name="Snapshot", exact=True).click()
    path = await download(page, offered(page, "Snapshot taken"), tmp_path)
    assert path.suffix == ".png"
    picture = cv2.imread(str(path))
    assert picture is not None
    assert picture.shape == (SIZE[1], SIZE[0], 3)
    blue, green, red = map(int, picture[20, 20])
    assert near((red, green, blue), GREEN, 2)  # PNG, so no codec between


async def test_a_recording_shows_on_every_page_and_is_offered_where_it_is_stopped(
    service: Service, open_page: Open, tmp_path: Path
) -> None:
    page, other = await open_page(service.url), await open_page(service.url)
    await colours_become(page, GREEN)
    await colours_become(other, GREEN)
    await recorded(page, on=False)
    await page.get_by_role("button", name="Record", exact=True).click()
    await recorded(page, on=True)
    await recorded(other, on=True)
    for one in (page, other):
        await expect(one.locator("#recording")).not_to_contain_text("0:00", timeout=PATIENCE_MS)
    await other.keyboard.press("r")
    await recorded(other, on=False)
    await recorded(page, on=False)
    path = await download(other, offered(other, "Recording kept"), tmp_path)
    assert path.suffix == ".mp4"
    with av.open(str(path)) as film:
        sizes = [(frame.width, frame.height) for frame in film.decode(video=0)]
    assert sizes
    assert set(sizes) == {SIZE}


async def test_what_the_disk_has_no_room_for_is_refused_in_plain_words(
    serve: Callable[..., Service], open_page: Open
) -> None:
    service = await asyncio.to_thread(
        serve, "--source", "presenter:?size=640x360&fps=15", "--matting", "constant:0",
        "--background", f"color:{GREEN}", "--keep.free-mb", "1000000000",
    )  # fmt: skip
    page = await open_page(service.url, allow="status of 503")
    await colours_become(page, GREEN)
    for name in ("Snapshot", "Record"):
        await page.get_by_role("button", name=name, exact=True).click()
        refusal = page.locator(".toast-error", has_text="MB stay free")
        await expect(refusal).to_be_visible(timeout=PATIENCE_MS)
        await refusal.get_by_role("button", name="Dismiss").click()
        await expect(refusal).to_have_count(0)
    await recorded(page, on=False)


async def test_a_recording_and_a_publisher_that_broke_off_are_told_below_the_picture(
    service: Service, open_page: Open
) -> None:
    def relay(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(text: str | bytes) -> None:
            message = json.loads(text)
            if message["type"] == "stats":
                message["stats"]["recorder"]["error"] = "the disk is full"
                message["stats"]["publishers"] = PUBLISHERS
            socket.send(json.dumps(message))

        server.on_message(pass_on)

    async def prepare(page: Page) -> None:
        await page.route_web_socket("**/api/events", relay)

    page = await open_page(service.url, prepare=prepare)
    await expect(page.locator("#notice")).to_contain_text(
        "The recording broke off: the disk is full. whip://a does not take the picture: no answer.",
        timeout=PATIENCE_MS,
    )
    await expect(page.locator("#viewers")).to_have_text(re.compile(r"\d watching, published"))
    await recorded(page, on=False)


async def test_what_the_device_keeps_is_listed_and_can_be_deleted(
    serve: Callable[..., Service], open_page: Open, tmp_path: Path
) -> None:
    service = await asyncio.to_thread(
        serve, "--source", "presenter:?size=640x360&fps=15", "--matting", "constant:0",
        "--background", f"color:{GREEN}",
    )  # fmt: skip
    page = await open_page(service.url)
    await colours_become(page, GREEN)
    await page.get_by_role("tab", name="Saved").click()
    pane, rows = page.get_by_role("tabpanel", name="Saved"), page.locator(".saved-row")
    await expect(pane).to_contain_text("No snapshot or recording is kept yet.")
    await page.keyboard.press("s")
    await expect(rows).to_have_count(1, timeout=PATIENCE_MS)
    await expect(rows.locator("img")).to_have_js_property("naturalWidth", SIZE[0])
    await page.keyboard.press("r")
    growing = rows.filter(has_text="Being recorded")
    await expect(growing).to_have_count(1, timeout=PATIENCE_MS)
    await expect(growing.get_by_role("button")).to_have_count(0)
    await page.keyboard.press("r")
    film = rows.filter(has_text="Recording ·")
    await expect(film).to_have_count(1, timeout=PATIENCE_MS)
    path = await download(page, film.get_by_role("link", name="Download Recording"), tmp_path)
    assert path.suffix == ".mp4"
    delete = film.get_by_role("button", name="Delete Recording")
    await delete.click()
    await film.get_by_role("button", name="Really delete Recording").click()
    await expect(film).to_have_count(0, timeout=PATIENCE_MS)
    await expect(pane).to_be_focused()
    assert await asyncio.to_thread(service.get, "api/recordings") == []
    await expect(rows).to_have_count(1)  # the snapshot stays
