"""The page on every screen, by keyboard and by screen reader."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Open
from tests.browser.driving import live, until
from tests.browser.service import Service

SCREENS = {"phone": (390, 844), "small phone": (360, 640), "tablet": (1024, 768),
           "desktop": (1920, 1080), "phone on its side": (844, 390)}  # fmt: skip

# What is cut off, or too small for a finger: [id or class, width, height].
TOO_SMALL = """(least) => [...document.querySelectorAll("button, select, .card-face, .slider")]
  .filter((e) => e.checkVisibility() && !e.closest("dialog"))
  .map((e) => [e.id || e.className, ...["width", "height"].map(
    (side) => Math.round(e.getBoundingClientRect()[side]))])
  .filter(([, width, height]) => width < least || height < least)"""

NAMED_ROLES = {"button", "slider", "radio", "switch", "tab", "tabpanel", "combobox", "textbox",
               "checkbox", "dialog", "toolbar", "tablist", "radiogroup", "region", "main",
               "complementary", "image"}  # fmt: skip

# [contrast, text] of every text that is too weak for WCAG 2.2 AA, against the colours behind it.
WEAK = """() => {
  const parse = (c) => (c.match(/[\\d.]+/g) ?? []).map(Number);
  const light = (c) => c.slice(0, 3).map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (e) => {
    for (let at = e; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      const c = parse(style.backgroundColor);
      if (style.backgroundImage.includes("gradient") && !at.matches(".tabs")) return null;
      if (c.length === 3 || c[3] === 1) return c;
      if (c[3] > 0) return null;
    }
    return null;
  };
  const found = [];
  const written = (e) => [...e.childNodes].filter((n) => n.nodeType === 3)
    .map((n) => n.data.trim()).join("");
  for (const e of document.querySelectorAll("body *")) {
    const text = written(e);
    if (!text || !e.checkVisibility()) continue;
    if (e.closest(".picture, [hidden], .visually-hidden")) continue;
    const ground = behind(e);
    if (!ground) continue;
    const style = getComputedStyle(e);
    const [a, b] = [light(parse(style.color)), light(ground)].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    const large = parseFloat(style.fontSize) >= 24;
    if (contrast < (large ? 3 : 4.5)) found.push([Math.round(contrast * 100) / 100, text]);
  }
  return found;
}"""


async def each_tab(page: Page) -> AsyncIterator[str]:
    for name in ("background", "source", "matte", "saved"):
        await page.click(f"#tab-{name}")
        yield name


@pytest.mark.parametrize("screen", SCREENS)
async def test_nothing_is_cut_off_or_too_small_for_a_finger(
    service: Service, open_page: Open, screen: str
) -> None:
    width, height = SCREENS[screen]
    page = await open_page(service.url, viewport={"width": width, "height": height})
    await live(page)
    picture = await page.locator("#picture").bounding_box()
    assert picture is not None
    assert picture["x"] >= 0
    assert picture["x"] + picture["width"] <= width
    assert picture["y"] + picture["height"] <= height
    assert picture["width"] >= min(width, 280)
    await expect(page.get_by_role("button", name="Stop", exact=True)).to_be_in_viewport()
    async for name in each_tab(page):
        assert await page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert await page.evaluate("document.getElementById('sheet').scrollWidth") <= width
        assert await page.evaluate(TOO_SMALL, 24) == [], name  # WCAG 2.2, 2.5.8


async def test_a_phone_can_put_the_controls_away(service: Service, open_page: Open) -> None:
    page = await open_page(service.url, viewport={"width": 390, "height": 844})
    await live(page)
    handle = page.get_by_role("button", name="Show or hide the controls")
    await handle.click()
    await expect(page.locator("#pane-background")).to_be_hidden()
    await expect(handle).to_have_attribute("aria-expanded", "false")
    await handle.click()
    await expect(page.locator("#pane-background")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_text_has_enough_contrast(
    service: Service, open_page: Open, scheme: str
) -> None:
    page = await open_page(service.url, color_scheme=scheme)
    await live(page)
    async for name in each_tab(page):
        await asyncio.sleep(0.3)  # colours fade in
        assert await page.evaluate(WEAK) == [], name
    for dialog in ("help", "camera-dialog", "login"):
        await page.evaluate(f"document.getElementById('{dialog}').showModal()")
        assert await page.evaluate(WEAK) == [], dialog
        await page.evaluate(f"document.getElementById('{dialog}').close()")


async def test_a_screen_reader_finds_a_name_on_everything(
    service: Service, open_page: Open
) -> None:
    page = await open_page(service.url)
    await live(page)
    session = await page.context.new_cdp_session(page)
    roles = set()
    async for _ in each_tab(page):
        tree = (await session.send("Accessibility.getFullAXTree"))["nodes"]
        nodes = [node for node in tree if not node.get("ignored")]
        roles |= {node["role"]["value"] for node in nodes}
        nameless = [
            node["role"]["value"]
            for node in nodes
            if node["role"]["value"] in NAMED_ROLES and not node.get("name", {}).get("value")
        ]
        assert nameless == []
    assert {"banner", "main", "complementary", "tablist", "tabpanel", "slider", "radio"} <= roles
    assert await page.locator("[aria-live], [role=status]").count() >= 3


async def test_the_page_can_be_used_by_keyboard_alone(service: Service, open_page: Open) -> None:
    page = await open_page(service.url)
    await live(page)
    await page.keyboard.press("Tab")
    await expect(page.locator(".skip")).to_be_focused()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await expect(page.locator("#tab-background")).to_be_focused()
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("#tab-source")).to_be_focused()
    await expect(page.locator("#pane-source")).to_be_visible()
    await page.keyboard.press("ArrowLeft")
    await page.keyboard.press("Tab")
    focused = page.locator("input[name=background]:focus")
    await expect(focused).to_be_checked()
    before = await focused.get_attribute("value")
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("input[name=background]:checked")).not_to_have_value(before or "")
    outline = "getComputedStyle(document.activeElement.closest('label')).outlineStyle"
    assert await page.evaluate(outline) == "solid"


async def test_single_keys_do_what_the_help_says(service: Service, open_page: Open) -> None:
    page = await open_page(service.url)
    await live(page)
    status = page.locator("#status")
    for key in ("k", " "):
        await page.keyboard.press(key)
        await expect(status).to_have_text("Stopped")
        await page.keyboard.press(key)
        await live(page)
    mirror = page.locator("#tool-mirror")
    await page.keyboard.press("m")
    await expect(mirror).to_have_attribute("aria-pressed", "true")
    chosen = page.locator("input[name=background]:checked")
    await page.keyboard.press("]")
    await expect(chosen).not_to_have_value("color:00b140")
    await page.keyboard.press("[")
    await expect(chosen).to_have_value("color:00b140")
    await page.keyboard.press("f")
    await expect(page.locator("#tool-full")).to_have_text("Leave full screen")
    await page.keyboard.press("f")
    await expect(page.locator("#tool-full")).to_have_text("Full screen")
    await page.keyboard.press("?")
    await expect(page.locator("#help")).to_be_visible()
    await page.get_by_label("Single-key shortcuts").uncheck()
    await page.keyboard.press("Escape")
    await expect(page.locator("#help")).to_be_hidden()
    await page.keyboard.press("m")
    await page.reload()  # it is remembered
    await live(page)
    await page.keyboard.press("m")
    await asyncio.sleep(0.5)
    await expect(mirror).to_have_attribute("aria-pressed", "true")


async def test_keys_typed_into_a_field_stay_there(service: Service, open_page: Open) -> None:
    page = await open_page(service.url)
    await live(page)
    await page.locator(".color-input").focus()
    await page.keyboard.press("k")
    await page.click("#tab-matte")
    await page.get_by_role("slider", name="Threshold").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("#status")).to_have_text("Live")


async def test_the_picture_keeps_the_shape_that_comes(
    serve: Callable[..., Service], open_page: Open
) -> None:
    service = await asyncio.to_thread(
        serve, "--source", "presenter:?size=480x640&fps=10", "--matting", "constant:0"
    )
    page = await open_page(service.url)
    await live(page)

    async def upright() -> bool:
        box = await page.locator("#picture").bounding_box()
        return box is not None and abs(box["width"] / box["height"] - 480 / 640) < 0.02

    await until(upright, "the frame did not take the picture's shape")


async def test_a_cameras_mode_can_be_chosen(service: Service, open_page: Open) -> None:
    asked: list[str] = []
    camera = {
        "id": "camera:/dev/video9",
        "label": "A camera",
        "kind": "camera",
        "modes": [
            {"width": 640, "height": 480, "fps": 30, "pixel_format": "YUYV"},
            {"width": 1280, "height": 720, "fps": 30000 / 1001, "pixel_format": "MJPG"},
        ],
    }

    def with_camera(state: dict[str, Any]) -> dict[str, Any]:
        state["choices"]["sources"].append(camera)
        state["source"].update(id=camera["id"], status="live")
        return state

    async def answer(route: Route) -> None:
        if route.request.method == "PATCH":
            asked.append(json.loads(route.request.post_data or "{}")["source"])
        state = await asyncio.to_thread(service.get, "api/state")
        await route.fulfill(json=with_camera(state))

    async def prepare(page: Page) -> None:
        await page.route("**/api/state", answer)
        await page.route_web_socket("**/api/events", lambda socket: None)

    page = await open_page(service.url, prepare=prepare)
    await page.click("#tab-source")
    mode = page.get_by_label("Camera mode")
    await expect(mode).to_contain_text("1280 × 720, 29.97 fps, MJPG")
    await mode.select_option(label="1280 × 720, 29.97 fps, MJPG")
    await expect(page.locator("input[name=source]:checked")).to_have_value(str(camera["id"]))

    async def sent() -> bool:
        return asked == ["camera:/dev/video9?size=1280x720&fps=29.97&format=MJPG"]

    await until(sent, lambda: f"asked for {asked}")
