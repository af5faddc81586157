"""The visitor's own camera: up by WHIP, back matted; refusals in plain words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from itertools import islice
from pathlib import Path

import av
import cv2
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Playwright, expect

from edge.settings import Settings
from edge.zoo import Zoo
from tests.browser.conftest import FLAGS, Open
from tests.browser.driving import (
    CORNERS,
    PATIENCE_MS,
    choose,
    colours_become,
    live,
    near,
    pixels,
    script,
    until,
)
from tests.browser.service import Service

FACE = [(0.46, 0.4), (0.5, 0.45), (0.54, 0.5)]  # of the man in the demo clip, wherever he leans

REFUSE = """
navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException("no", "{name}"); }};
"""


def as_fake_camera(clip: Path, to: Path) -> None:
    """Some seconds of ``clip``, small, as the file of JPEGs that Chromium takes for a camera."""
    with av.open(str(clip)) as source, to.open("wb") as target:
        for frame in islice(source.decode(video=0), 90):
            picture = frame.reformat(640, 360, "bgr24").to_ndarray()
            ok, jpeg = cv2.imencode(".jpg", picture)
            assert ok
            target.write(jpeg.tobytes())


@pytest_asyncio.fixture(loop_scope="session")
async def with_demo_camera(
    playwright: Playwright, chromium_path: str, shared_data: Path, tmp_path: Path
) -> AsyncIterator[Browser]:
    """Chromium, whose camera shows the man of the demo clip."""
    camera = tmp_path / "camera.mjpeg"
    clip = shared_data / "demo" / "webcam_demo_1280x720_25fps.mp4"
    await asyncio.to_thread(as_fake_camera, clip, camera)
    flag = f"--use-file-for-fake-video-capture={camera}"
    browser = await playwright.chromium.launch(executable_path=chromium_path, args=[*FLAGS, flag])
    yield browser
    await browser.close()


async def use_my_camera(page: Page) -> None:
    """Click, read the warning, agree."""
    await page.click("#tool-camera")
    dialog = page.get_by_role("dialog", name="Show your camera to everyone?")
    await expect(dialog).to_contain_text("every viewer")
    await dialog.get_by_role("button", name="Use my camera").click()


async def source_becomes(service: Service, id: str, status: str = "live") -> None:
    seen: dict[str, str] = {}

    async def there() -> bool:
        state = await asyncio.to_thread(service.get, "api/state")
        seen.update(state["source"])
        return seen["id"] == id and seen["status"] == status

    await until(there, lambda: f"wanted {id} {status}, it is {seen}")


async def test_my_camera_comes_back_with_the_man_kept_and_the_wall_replaced(
    serve: Callable[..., Service], open_page: Open, with_demo_camera: Browser
) -> None:
    if not Zoo(Settings().cache_dir).installed("u2netp"):
        pytest.skip("u2netp is not installed: python -m edge models fetch u2netp")
    service = await asyncio.to_thread(
        serve, "--source", "presenter:?size=640x360&fps=10", "--matting", "onnx:u2netp",
        "--background", "color:0047bb",
    )  # fmt: skip
    before = (await asyncio.to_thread(service.get, "api/state"))["source"]["id"]
    page = await open_page(service.url, browser=with_demo_camera)
    await live(page)
    await use_my_camera(page)
    await source_becomes(service, "browser:")
    await live(page)
    await colours_become(page, "0047bb", CORNERS)
    for _ in range(5):  # and it stays so while he moves
        face = await pixels(page, FACE)
        assert not any(near(colour, "0047bb", 60) for colour in face), face
        assert all(red > blue for red, _, blue in face), f"no skin: {face}"
        assert all(near(colour, "0047bb", 40) for colour in await pixels(page, CORNERS))
        await asyncio.sleep(0.7)
    await page.click("#tool-camera")
    await source_becomes(service, before)


async def test_a_stopped_guest_camera_gives_the_source_before_back(
    service: Service, open_page: Open
) -> None:
    before = (await asyncio.to_thread(service.get, "api/state"))["source"]["id"]
    page = await open_page(service.url)
    await live(page)
    await use_my_camera(page)
    await source_becomes(service, "browser:")
    await expect(page.locator("#tool-camera")).to_have_text("Stop camera")
    await live(page)
    await page.click("#tool-camera")
    await expect(page.locator("#tool-camera")).to_have_text("My camera")
    await source_becomes(service, before)
    await live(page)


async def test_a_closed_page_takes_its_camera_along(service: Service, open_page: Open) -> None:
    before = (await asyncio.to_thread(service.get, "api/state"))["source"]["id"]
    page = await open_page(service.url)
    await use_my_camera(page)
    await source_becomes(service, "browser:")
    await page.close(run_before_unload=True)
    await source_becomes(service, before)


async def test_the_camera_goes_off_when_somebody_chooses_another_source(
    service: Service, open_page: Open
) -> None:
    keep = """
    const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wish) => (window.given = await ask(wish));
    """
    page = await open_page(service.url, prepare=script(keep))
    other = await open_page(service.url)
    await use_my_camera(page)
    await source_becomes(service, "browser:")
    await asyncio.sleep(2.5)  # the page forgives old news for two seconds
    await other.click("#tab-source")
    await choose(other, "input[value='presenter:']")
    await expect(page.locator(".toast-error")).to_contain_text("camera is off", timeout=PATIENCE_MS)
    assert await page.evaluate("window.given.getTracks().map(track => track.readyState)") == [
        "ended"
    ]
    await source_becomes(service, "presenter:")


async def test_a_second_guest_is_told_that_there_is_one(service: Service, open_page: Open) -> None:
    page, other = (
        await open_page(service.url),
        await open_page(service.url, allow="status of 409"),
    )
    await use_my_camera(page)
    await source_becomes(service, "browser:")
    await use_my_camera(other)
    await expect(other.locator(".toast-error")).to_be_visible(timeout=PATIENCE_MS)
    await expect(other.locator("#tool-camera")).to_have_text("My camera")
    await source_becomes(service, "browser:")  # the first one stays
    await expect(page.locator("#tool-camera")).to_have_text("Stop camera")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("NotAllowedError", "did not allow the camera"),
        ("NotFoundError", "no camera"),
        ("NotReadableError", "in use by another program"),
    ],
)
async def test_a_refused_camera_is_explained_and_changes_nothing(
    service: Service, open_page: Open, name: str, words: str
) -> None:
    page = await open_page(service.url, prepare=script(REFUSE.format(name=name)))
    await live(page)
    before = (await asyncio.to_thread(service.get, "api/state"))["source"]["id"]
    await use_my_camera(page)
    await expect(page.locator(".toast-error")).to_contain_text(words)
    await expect(page.locator("#tool-camera")).to_have_text("My camera")
    await source_becomes(service, before)


async def test_a_page_that_is_not_secure_says_why_there_is_no_camera(
    service: Service, open_page: Open
) -> None:
    insecure = "Object.defineProperty(window, 'isSecureContext', { value: false });"
    page = await open_page(service.url, prepare=script(insecure))
    await use_my_camera(page)
    await expect(page.locator(".toast-error")).to_contain_text("https://")


async def test_nothing_is_sent_before_the_warning_is_agreed_to(
    service: Service, open_page: Open
) -> None:
    asked = "navigator.mediaDevices.getUserMedia = async () => { window.asked = true; };"
    page = await open_page(service.url, prepare=script(asked))
    await live(page)
    for leave in ("Escape", "Cancel"):
        await page.click("#tool-camera")
        dialog = page.get_by_role("dialog", name="Show your camera to everyone?")
        await expect(dialog).to_be_visible()
        if leave == "Escape":
            await page.keyboard.press("Escape")
        else:
            await dialog.get_by_role("button", name="Cancel").click()
        await expect(dialog).to_be_hidden()
    assert await page.evaluate("window.asked") is None
