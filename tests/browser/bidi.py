"""WebDriver BiDi (W3C), which browsers speak by themselves, over a WebSocket."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from typing import Any

import aiohttp

Hear = Callable[[str, dict[str, Any]], None]


class BidiError(RuntimeError):
    """The browser could not do what it was told, or a script in it failed."""


class Bidi:
    """
    One connection to a browser.

    Args:
        hear: called with each event's method and parameters.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, hear: Hear) -> None:
        self._socket = socket
        self._hear = hear
        self._ids = itertools.count(1)
        self._asked: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._reader = asyncio.create_task(self._read())

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command, and give its result. Raises BidiError."""
        if self._reader.done():
            raise BidiError("the browser is gone")
        number = next(self._ids)
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": params})
        return await answer

    async def _read(self) -> None:
        async for message in self._socket:
            said = json.loads(message.data)
            if said["type"] == "event":
                self._hear(said["method"], said["params"])
                continue
            answer = self._asked.pop(said["id"])
            if answer.cancelled():
                continue
            if said["type"] == "success":
                answer.set_result(said["result"])
            else:
                answer.set_exception(BidiError(f"{said['error']}: {said['message']}"))
        for answer in self._asked.values():
            answer.set_exception(BidiError("the browser is gone"))
