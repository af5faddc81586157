"""Real Chromium, real service. Without a Chromium these tests are skipped, and say why."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Playwright, async_playwright

from tests.browser.driving import Watch
from tests.browser.service import Service

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


Prepare = Callable[[Page], Awaitable[object]]


class Open(Protocol):
    """Open a page under watch: its faults fail the test at its end."""

    async def __call__(
        self,
        url: str,
        *,
        browser: Browser | None = None,
        allow: str = "",
        prepare: Prepare | None = None,
        **context: Any,
    ) -> Page:
        """
        Args:
            browser: another than the one that all tests share.
            allow: console messages with a match of this regular expression are no faults.
            prepare: is awaited with the page before it loads.
            context: for ``Browser.new_context``.
        """
        ...


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here is a browser test, on one loop with the browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture(scope="session")
def chromium_path() -> str:
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"no Chromium: none of {', '.join(NAMES)} is installed (./run.tests.sh does)")
    return found


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as started:
        yield started


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium(playwright: Playwright, chromium_path: str) -> AsyncIterator[Browser]:
    browser = await playwright.chromium.launch(executable_path=chromium_path, args=FLAGS)
    yield browser
    await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(chromium: Browser) -> AsyncIterator[Open]:
    watches: list[Watch] = []
    async with AsyncExitStack() as stack:

        async def open_(
            url: str,
            *,
            browser: Browser | None = None,
            allow: str = "",
            prepare: Prepare | None = None,
            **options: Any,
        ) -> Page:
            context = await (browser or chromium).new_context(**options)
            stack.push_async_callback(context.close)
            page = await context.new_page()
            watches.append(Watch(page, urlsplit(url).netloc, allow))
            if prepare is not None:
                await prepare(page)
            await page.goto(url)
            return page

        yield open_
    assert [fault for watch in watches for fault in watch.faults] == []


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Start a service of the test's own; all of them are stopped, and must have ended well."""
    running: list[Service] = []

    def start(*arguments: str) -> Service:
        service = Service(tmp_path / f"state{len(running)}", *arguments)
        running.append(service)
        return service.start()

    yield start
    ended = [service.stop() for service in running]
    assert ended == [0] * len(running)
    for service in running:
        assert "Traceback" not in service.output, service.output


@pytest.fixture
def guarded(serve: Callable[..., Service]) -> Service:
    """A service off loopback: it has TLS and asks for its token."""
    return serve(
        *("--source", "presenter:?size=640x360&fps=15", "--matting", "constant:0"),
        *("--background", "color:00b140", "--listen", "0.0.0.0:0"),
    )


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One service for the tests that only look at its picture: all background, nobody there."""
    service = Service(
        tmp_path_factory.mktemp("state"),
        *("--source", "presenter:?size=640x360&fps=15"),
        *("--matting", "constant:0", "--background", "color:00b140"),
    ).start()
    yield service
    assert service.stop() == 0
    assert "Traceback" not in service.output, service.output


@pytest.fixture
def service(shared: Service) -> Service:
    """The shared service, as it was at its start."""
    shared.patch(source=shared.get("api/state")["choices"]["sources"][0]["id"])
    shared.patch(background="color:00b140", mirror=False)
    return shared
