"""Choosing: backgrounds, uploads, sliders, the split view; and what may not be chosen."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from functools import partial

import cv2
import numpy as np
import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.driving import PATIENCE_MS, choose, colours_become, live, until
from tests.browser.service import Service

# Drop a file made of base64 on the page, as a file manager would.
DROP = """([name, type, data]) => {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], name, { type }));
  for (const kind of ["dragenter", "dragover", "drop"]) {
    document.body.dispatchEvent(new DragEvent(kind, {
      bubbles: true, cancelable: true, dataTransfer: transfer }));
    if (kind === "dragover" && document.getElementById("drop").hidden) throw new Error("no veil");
  }
}"""


def png(rgb: tuple[int, int, int]) -> bytes:
    """A picture of one colour."""
    ok, data = cv2.imencode(".png", np.full((120, 160, 3), rgb[::-1], np.uint8))
    assert ok
    return data.tobytes()


async def drop(page: Page, name: str, kind: str, data: bytes) -> None:
    await page.evaluate(DROP, [name, kind, base64.b64encode(data).decode()])


async def test_a_dropped_picture_becomes_the_background_and_can_be_deleted(
    service: Service, open_page: Open
) -> None:
    page = await open_page(service.url)
    await live(page)
    await drop(page, "brick wall.png", "image/png", png((180, 60, 40)))
    await colours_become(page, "b43c28")
    await expect(page.locator("#drop")).to_be_hidden()
    card = page.locator(".card", has=page.locator("input[name=background]:checked"))
    await expect(card.locator(".card-label")).to_contain_text("brick wall")
    thumb = card.locator("img")
    await expect(thumb).to_have_js_property("complete", True)
    assert await thumb.evaluate("image => image.naturalWidth") > 0
    await card.locator(".card-delete").click()
    await expect(card).to_have_count(1)  # the first click only asks
    await card.locator(".card-delete").click()
    await colours_become(page, "00b140")  # the configured one
    await expect(page.locator(".card-delete")).to_have_count(0)


async def test_an_uploaded_picture_becomes_the_background(
    service: Service, open_page: Open
) -> None:
    page = await open_page(service.url)
    await live(page)
    file = {"name": "sea.png", "mimeType": "image/png", "buffer": png((20, 90, 160))}
    await page.locator(".card-upload input").set_input_files(file)  # type: ignore[arg-type]
    await colours_become(page, "145aa0")


@pytest.mark.parametrize(
    ("name", "kind", "data", "words"),
    [
        ("notes.txt", "text/plain", b"no picture", "notes.txt is not a picture or a video"),
        ("empty.png", "image/png", b"", "empty.png is empty"),
        ("broken.png", "image/png", png((1, 2, 3))[:60], None),  # the service's own words
    ],
)
async def test_a_dropped_file_that_is_no_picture_is_refused_in_plain_words(
    service: Service, open_page: Open, name: str, kind: str, data: bytes, words: str | None
) -> None:
    page = await open_page(service.url, allow="status of (415|422)")
    await live(page)
    await drop(page, name, kind, data)
    toast = page.locator(".toast-error")
    await expect(toast).to_contain_text(words or name.partition(".")[0], timeout=PATIENCE_MS)
    await colours_become(page, "00b140")


async def test_each_kind_of_background_can_be_clicked(service: Service, open_page: Open) -> None:
    async def chosen(scheme: str) -> bool:
        state = await asyncio.to_thread(service.get, "api/state")
        return str(state["background"]["id"]).startswith(scheme)

    page = await open_page(service.url)
    await live(page)
    for scheme in ("gallery", "blur", "none", "color"):
        card = page.locator(f"label:has(input[name=background][value^='{scheme}:'])").last
        await card.click()
        await until(partial(chosen, scheme), f"{scheme} was not chosen")
    await expect(page.locator(".toast-error")).to_have_count(0)


async def test_the_strength_of_the_blur_can_be_set(service: Service, open_page: Open) -> None:
    page = await open_page(service.url)
    await choose(page, "input[value^='blur:']")
    strength = page.get_by_role("slider", name="Strength")
    await strength.press("End")

    async def strongest() -> bool:
        state = await asyncio.to_thread(service.get, "api/state")
        return bool(state["background"]["id"] == f"blur:{await strength.get_attribute('max')}")

    await until(strongest, "the strength did not arrive")
    await expect(strength).to_be_focused()


async def test_sliders_are_made_from_the_schema_and_reach_the_service(
    service: Service, open_page: Open
) -> None:
    page = await open_page(service.url)
    await page.click("#tab-matte")
    state = await asyncio.to_thread(service.get, "api/state")
    for schema in state["choices"]["matte"].values():
        await expect(page.locator("#pane-matte").get_by_text(schema["label"]).first).to_be_visible()
    threshold = page.get_by_role("slider", name="Threshold")
    await threshold.fill("0.8")

    async def value() -> float:
        return float((await asyncio.to_thread(service.get, "api/state"))["matte"]["threshold"])

    async def set_() -> bool:
        return await value() == 0.8

    await until(set_, "0.8 did not arrive")
    await page.get_by_role("button", name="Reset Threshold").click()
    default = state["choices"]["matte"]["threshold"]["default"]

    async def reset() -> bool:
        return await value() == float(default)

    await until(reset, "the default did not arrive")
    await expect(threshold).to_have_value(str(default))


async def test_a_slider_under_the_finger_does_not_jump(service: Service, open_page: Open) -> None:
    page, other = await open_page(service.url), await open_page(service.url)
    for one in (page, other):
        await one.click("#tab-matte")
    slider = page.get_by_role("slider", name="Threshold")
    await slider.hover()  # waits until the panel above it has its final height
    box = await slider.bounding_box()
    assert box is not None
    x, y = box["x"] + 0.8 * box["width"], box["y"] + box["height"] / 2
    await page.mouse.move(x, y)
    await page.mouse.down()
    held = await slider.input_value()
    assert float(held) > 0.6, "the finger missed the slider"
    await expect(other.get_by_role("slider", name="Threshold")).to_have_value(held)
    await asyncio.to_thread(service.patch, matte={"threshold": 0.25})
    await expect(other.get_by_role("slider", name="Threshold")).to_have_value("0.25")
    await asyncio.sleep(1)  # whatever was pushed has arrived here, too
    assert await slider.input_value() == held
    await page.mouse.move(x + 10, y)
    moved = await slider.input_value()
    assert moved > held
    await page.mouse.up()
    await expect(other.get_by_role("slider", name="Threshold")).to_have_value(moved)
    await expect(slider).to_have_value(moved)


async def test_where_the_original_is_not_allowed_the_page_does_not_offer_it(
    service: Service, open_page: Open
) -> None:
    page = await open_page(service.url)
    await live(page)
    await expect(page.locator("#tool-compare")).to_be_hidden()
    await expect(page.locator("input[value^='original']")).to_have_count(0)
    await page.keyboard.press("c")
    await expect(page.locator("#split")).to_be_hidden()
    await colours_become(page, "00b140")


async def test_the_split_view_follows_the_handle_for_this_viewer_alone(
    serve: Callable[..., Service], open_page: Open
) -> None:
    service = await asyncio.to_thread(
        serve, "--source", "presenter:?size=640x360&fps=15&room=ff00ff", "--matting", "constant:0",
        "--background", "color:00b140", "--allow-original",
    )  # fmt: skip
    page, other = await open_page(service.url), await open_page(service.url)
    await live(page)
    await live(other)
    await page.click("#tool-compare")
    handle = page.locator("#split")
    await expect(handle).to_have_attribute("aria-valuenow", "50")
    left, right = [(0.04, 0.2), (0.04, 0.4)], [(0.96, 0.2), (0.96, 0.4)]
    await colours_become(page, "ff00ff", left)
    await colours_become(page, "00b140", right)
    picture = await page.locator("#picture").bounding_box()
    assert picture is not None
    middle = picture["y"] + picture["height"] / 2
    await page.mouse.move(picture["x"] + picture["width"] / 2, middle)
    await page.mouse.down()
    await page.mouse.move(picture["x"] + picture["width"] * 0.99, middle, steps=8)
    await page.mouse.up()
    await expect(handle).to_have_attribute("aria-valuenow", "99")
    await colours_become(page, "ff00ff", right)
    await handle.press("Home")
    await colours_become(page, "00b140", [*left, *right])
    await colours_become(other, "00b140")
    await handle.press("End")
    await colours_become(page, "ff00ff", left)
    await page.keyboard.press("Escape")
    await expect(handle).to_be_hidden()
    await colours_become(page, "00b140", [*left, *right])


async def test_what_a_licence_asks_stands_on_the_models_card(
    service: Service, open_page: Open
) -> None:
    page = await open_page(service.url)
    await page.click("#tab-matte")
    bound = page.locator(".card", has=page.locator("input[value='onnx:rvm_mobilenetv3']"))
    await expect(bound.locator(".card-detail")).to_contain_text("GPL-3.0: you may run it")
    free = page.locator(".card", has=page.locator("input[value='onnx:modnet']"))
    await expect(free.locator(".card-detail")).not_to_contain_text("GPL")
