"""Driving the page: opening it under watch, reading its picture, waiting for what it shows."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable
from typing import Any, Protocol
from urllib.parse import urlsplit

from playwright.async_api import ConsoleMessage, Page, Request

from tests.browser.service import Service

PATIENCE_MS = 45_000  # two busy cores; what is promised in less is measured where it is promised
LIVE = "#picture[data-tone=live]"

# The colours at points of the picture, as [red, green, blue], 0 to 255.
PIXELS = """(points) => {
  const video = document.getElementById("video");
  const canvas = new OffscreenCanvas(160, 90);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(video, 0, 0, 160, 90);
  return points.map(([x, y]) => [
    ...context.getImageData(Math.round(x * 159), Math.round(y * 89), 1, 1).data].slice(0, 3));
}"""

# In a page before its own scripts: its newest peer connection is ``window.peer``.
KEEP_PEER = """
const Real = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Real {
  constructor(...given) { super(...given); window.peer = this; }
};
"""

Point = tuple[float, float]
Colour = tuple[int, int, int]

CORNERS: list[Point] = [(0.04, 0.2), (0.04, 0.5), (0.96, 0.2), (0.96, 0.5)]


class Scripted(Protocol):
    """A page in which scripts can be run."""

    async def evaluate(self, expression: str, arg: Any = None, /) -> Any:
        """What a JavaScript function gives for ``arg``."""
        ...


class Watch:
    """
    Collects what no page may do: console errors and warnings, exceptions, requests to other hosts,
    violations of the Content-Security-Policy (Chromium reports these on the console).

    Args:
        host: the only one it may ask, with its port.
        allow: a regular expression; a console message with a match of it is no fault.
    """

    def __init__(self, page: Page, host: str, allow: str = "") -> None:
        self.faults: list[str] = []
        self._host = host
        self._allow = re.compile(allow or r"(?!)")  # by default nothing
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"exception: {error}"))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not self._allow.search(message.text):
            self.faults.append(f"console {message.type}: {message.text}")

    def _request(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme in ("http", "https", "ws", "wss") and url.netloc != self._host:
            self.faults.append(f"request to another host: {request.url}")


def script(text: str) -> Callable[[Page], Awaitable[object]]:
    """To prepare a page with: ``text`` runs in it before its own scripts."""
    return lambda page: page.add_init_script(text)


async def live(page: Page) -> None:
    """Wait for the live picture."""
    await page.wait_for_selector(LIVE, timeout=PATIENCE_MS)


async def pixels(page: Scripted, points: list[Point]) -> list[Colour]:
    """The picture's colours at ``points``, (x, y) each from 0 to 1."""
    return [(r, g, b) for r, g, b in await page.evaluate(PIXELS, points)]


def near(colour: Colour, hexadecimal: str, tolerance: int = 24) -> bool:
    """Whether ``colour`` is that of RRGGBB, but for what a video codec does to it."""
    wanted = bytes.fromhex(hexadecimal)
    return all(abs(a - b) <= tolerance for a, b in zip(colour, wanted, strict=True))


async def colours_become(
    page: Scripted, hexadecimal: str, points: list[Point] | None = None
) -> None:
    """Wait until the picture is of one colour at ``points``, by default near its corners."""
    seen: list[Colour] = []

    async def there() -> bool:
        seen[:] = await pixels(page, points or CORNERS)
        return all(near(colour, hexadecimal) for colour in seen)

    await until(there, lambda: f"wanted {hexadecimal}, the picture has {seen}")


async def until(
    condition: Callable[[], Awaitable[bool]],
    otherwise: str | Callable[[], str],
    patience_s: float = PATIENCE_MS / 1000,
) -> None:
    """Wait for ``condition``. Raises AssertionError with what ``otherwise`` says."""

    deadline = time.monotonic() + patience_s
    while not await condition():
        if time.monotonic() > deadline:
            raise AssertionError(otherwise if isinstance(otherwise, str) else otherwise())
        await asyncio.sleep(0.1)


async def viewers_become(service: Service, wanted: int) -> None:
    """Wait until ``service`` has so many viewers."""

    async def there() -> bool:
        return bool((await asyncio.to_thread(service.get, "api/stats"))["viewers"] == wanted)

    await until(there, f"wanted {wanted} viewers")


async def choose(page: Page, selector: str) -> None:
    """Click the card or segment of the radio button that ``selector`` finds."""
    await page.locator(f"label:has({selector})").click()
