"""What the page says when the camera or the model fails."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import cv2
import numpy as np
from aiohttp import web
from playwright.async_api import expect

from tests.browser.conftest import Open
from tests.browser.driving import PATIENCE_MS, colours_become, live, near, pixels, until
from tests.browser.service import Service


class NetworkCamera:
    """MJPEG over HTTP at 10 fps, as cheap cameras give it; it can be pulled and put back."""

    def __init__(self) -> None:
        ok, jpeg = cv2.imencode(".jpg", np.full((240, 320, 3), 128, np.uint8))
        assert ok
        self._picture = jpeg.tobytes()
        self._runner: web.AppRunner | None = None
        self.port = 0

    async def plug(self) -> None:
        app = web.Application()
        app.router.add_get("/video", self._stream)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def unplug(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        self._runner = None

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(
            headers={"Content-Type": "multipart/x-mixed-replace; boundary=frame"}
        )
        await answer.prepare(request)
        size = len(self._picture)
        head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {size}\r\n\r\n".encode()
        while True:
            await answer.write(head + self._picture + b"\r\n")
            await asyncio.sleep(0.1)


async def test_a_lost_camera_shows_the_slate_and_its_return_the_picture(
    serve: Callable[..., Service], open_page: Open
) -> None:
    camera = NetworkCamera()
    await camera.plug()
    try:
        service = await asyncio.to_thread(
            serve, "--source", f"stream:http://127.0.0.1:{camera.port}/video",
            "--matting", "constant:0", "--background", "color:00b140",
        )  # fmt: skip
        page = await open_page(service.url)
        await live(page)
        await colours_become(page, "00b140")
        await camera.unplug()
        await expect(page.locator("#status")).to_have_text("Camera lost", timeout=PATIENCE_MS)
        await expect(page.locator("#notice")).to_be_visible()
        await expect(page.locator("#veil")).to_be_hidden()

        async def slate() -> bool:
            return not any(near(c, "00b140", 40) for c in await pixels(page, [(0.04, 0.1)]))

        await until(slate, "the picture did not give way to the slate")
        await camera.plug()
        await live(page)
        await colours_become(page, "00b140")
        await expect(page.locator("#status")).to_have_text("Live")
    finally:
        await camera.unplug()


async def test_a_matte_that_cannot_be_right_is_told_and_the_room_stays_hidden(
    serve: Callable[..., Service], open_page: Open
) -> None:
    service = await asyncio.to_thread(
        serve, "--source", "presenter:?size=640x360&fps=15&room=ff00ff", "--matting", "constant:1",
        "--background", "color:00b140",
    )  # fmt: skip
    page = await open_page(service.url)
    await expect(page.locator("#status")).to_have_text("Picture withheld", timeout=PATIENCE_MS)
    await expect(page.locator("#notice")).to_contain_text("The room stays hidden")
    for _ in range(10):
        seen = await pixels(page, [(0.04, 0.1), (0.96, 0.1), (0.04, 0.5)])
        assert not any(near(colour, "ff00ff", 60) for colour in seen), seen
        await asyncio.sleep(0.2)
