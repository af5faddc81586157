"""A page that is driven by WebDriver BiDi, under watch."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit

from tests.browser.bidi import Bidi, BidiError

LOUD = ("error", "warn")


class Tab:
    """
    One page under watch.

    Attributes:
        faults: what no page may do: console errors and warnings, exceptions, requests to other
            hosts, violations of the Content-Security-Policy.
    """

    def __init__(self, bidi: Bidi, context: str) -> None:
        self.faults: list[str] = []
        self._bidi = bidi
        self._context = context
        self._host = ""
        self._own: dict[str, str] = {}
        self._answers: set[asyncio.Task[dict[str, Any]]] = set()

    async def goto(self, url: str) -> None:
        """Load ``url``, whose host is the only one that may be asked from now on."""
        self._host = urlsplit(url).netloc
        await self._bidi.call(
            "browsingContext.navigate", context=self._context, url=url, wait="complete"
        )

    async def write(self, url: str, html: str) -> None:
        """Let ``html`` be what comes from ``url``, as if its host served it."""
        self._own[url] = html
        await self._bidi.call(
            "network.addIntercept",
            phases=["beforeRequestSent"],
            contexts=[self._context],
            urlPatterns=[{"type": "string", "pattern": url}],
        )

    async def evaluate(self, function: str, argument: Any = None) -> Any:
        """What a JavaScript function gives for ``argument``; both as JSON. Raises BidiError."""
        found = await self._bidi.call(
            "script.callFunction",
            functionDeclaration=f"async (given) => "
            f"JSON.stringify(await ({function})(JSON.parse(given)) ?? null)",
            arguments=[{"type": "string", "value": json.dumps(argument)}],
            target={"context": self._context},
            awaitPromise=True,
        )
        if found["type"] == "exception":
            raise BidiError(found["exceptionDetails"]["text"])
        return json.loads(found["result"]["value"])

    async def click(self, selector: str) -> None:
        """Click the one element that ``selector`` finds."""
        await self.evaluate("(selector) => document.querySelector(selector).click()", selector)

    async def close(self) -> None:
        await self._bidi.call("browsingContext.close", context=self._context)

    def hear(self, method: str, event: dict[str, Any]) -> None:
        """Take an event that concerns this page."""
        if method == "log.entryAdded" and event["level"] in LOUD:
            self.faults.append(f"{event['type']} {event['level']}: {event['text']}")
        if method != "network.beforeRequestSent":
            return
        url = event["request"]["url"]
        if event["isBlocked"]:
            self._answers.add(asyncio.create_task(self._provide(event["request"]["request"], url)))
        elif urlsplit(url).scheme in ("http", "https", "ws", "wss") and (
            urlsplit(url).netloc != self._host
        ):
            self.faults.append(f"request to another host: {url}")

    async def _provide(self, request: str, url: str) -> dict[str, Any]:
        html = {"name": "Content-Type", "value": {"type": "string", "value": "text/html"}}
        body = {"type": "string", "value": self._own[url]}
        return await self._bidi.call(
            "network.provideResponse", request=request, statusCode=200, headers=[html], body=body
        )
