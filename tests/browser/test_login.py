"""The access token: off loopback, over TLS, as a printed link or typed in."""

from __future__ import annotations

from playwright.async_api import expect

from tests.browser.conftest import Open
from tests.browser.driving import colours_become, live
from tests.browser.service import Service

REFUSED = "status of 401|WebSocket connection"


async def test_the_printed_link_signs_in_and_leaves_no_token_in_sight(
    guarded: Service, open_page: Open
) -> None:
    assert guarded.link.startswith("https://")
    assert "#token=" in guarded.link
    page = await open_page(guarded.link, ignore_https_errors=True)
    await live(page)
    await colours_become(page, "00b140")
    assert page.url == guarded.url
    assert await page.evaluate("document.cookie") == ""  # HttpOnly
    (cookie,) = await page.context.cookies()
    assert cookie["httpOnly"]
    assert cookie["secure"]
    assert cookie["sameSite"] == "Strict"
    await page.reload()
    await live(page)


async def test_without_the_link_the_page_asks_for_the_token(
    guarded: Service, open_page: Open
) -> None:
    page = await open_page(guarded.url, allow=REFUSED, ignore_https_errors=True)
    login = page.get_by_role("dialog", name="Access token")
    await expect(login).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(login).to_be_visible()
    await page.get_by_label("Token", exact=True).fill("a wrong one altogether")
    await page.keyboard.press("Enter")
    await expect(page.locator("#login-error")).to_contain_text("wrong")
    await page.get_by_label("Token", exact=True).fill(guarded.link.partition("#token=")[2])
    await page.keyboard.press("Enter")
    await expect(login).to_be_hidden()
    await live(page)
    await colours_become(page, "00b140")
    assert page.url == guarded.url


async def test_a_stale_link_asks_for_the_token(guarded: Service, open_page: Open) -> None:
    link = f"{guarded.url}#token=that-of-last-year"
    page = await open_page(link, allow=REFUSED, ignore_https_errors=True)
    await expect(page.get_by_role("dialog", name="Access token")).to_be_visible()
    assert page.url == guarded.url
