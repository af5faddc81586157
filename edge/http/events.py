"""The pages that listen: each gets the figures once a second, and the state whenever it changes."""

from __future__ import annotations

import asyncio
import contextlib

from aiohttp import WSCloseCode, web

SEND_TIMEOUT_S = 5  # a page that does not read for so long is dropped


class Events:
    """WebSockets of the pages that are open. Used on the event loop alone."""

    def __init__(self) -> None:
        self._sockets: set[web.WebSocketResponse] = set()

    async def serve(self, request: web.Request, first: str) -> web.WebSocketResponse:
        """Send ``first``, and then what ``send`` is given, until the page goes."""
        socket = web.WebSocketResponse(heartbeat=20, max_msg_size=4096)
        await socket.prepare(request)
        try:
            await socket.send_str(first)
            self._sockets.add(socket)
            async for _ in socket:
                pass  # a page has nothing to say here
        finally:
            self._sockets.discard(socket)
        return socket

    async def send(self, message: str) -> None:
        """To every page; one that does not take it in time is dropped and may come back."""
        await asyncio.gather(*(self._send(socket, message) for socket in list(self._sockets)))

    async def close(self) -> None:
        """Tell every page that the service ends."""
        for socket in list(self._sockets):
            with contextlib.suppress(ConnectionError):
                await socket.close(code=WSCloseCode.GOING_AWAY, message=b"the service ends")

    async def _send(self, socket: web.WebSocketResponse, message: str) -> None:
        try:
            await asyncio.wait_for(socket.send_str(message), SEND_TIMEOUT_S)
        except (ConnectionError, asyncio.TimeoutError):
            self._sockets.discard(socket)
            with contextlib.suppress(ConnectionError, asyncio.TimeoutError):
                await asyncio.wait_for(socket.close(), 1)
