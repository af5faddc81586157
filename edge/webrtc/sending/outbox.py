"""The way of one viewer's pictures to its network: a burst at a time, and never much waiting."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence

from edge.webrtc.sharing.packets import Picture

BURST, TICK_S = 48, 0.005  # packets at once, then a rest: 90 Mbit/s, and a key frame takes two
MAX_WAITING_OCTETS = 1_000_000
MAX_WAITING = 45  # pictures; half a second's from a key frame on and some, for who joins

Pack = Callable[[Picture, float], list[bytes]]
Send = Callable[[Sequence[bytes]], int]


class Outbox:
    """
    Sends pictures in order. What the socket does not take, or is too much at once, waits; when too
    much waits, pictures that were not begun are given up, and the next one is to be a key frame.

    Args:
        pack: makes the datagrams of a picture at a monotonic time; called just before they go.
        send: sends as many datagrams as the network takes now, and says how many.
    """

    def __init__(self, pack: Pack, send: Send) -> None:
        self._pack = pack
        self._send = send
        self._begun: list[bytes] = []
        self._waiting: deque[Picture] = deque()
        self._waiting_octets = 0
        self._tick: asyncio.TimerHandle | None = None

    def push(self, picture: Picture) -> bool:
        """Send ``picture`` after those that wait. False: it, and they, were given up instead."""
        waiting = self._waiting_octets + picture.size
        if len(self._waiting) >= MAX_WAITING or (self._waiting and waiting > MAX_WAITING_OCTETS):
            self._waiting.clear()
            self._waiting_octets = 0
            return False
        self._waiting.append(picture)
        self._waiting_octets = waiting
        if self._tick is None:
            self._flush()
        return True

    def close(self) -> None:
        """Send nothing any more."""
        if self._tick is not None:
            self._tick.cancel()
        self._begun, self._waiting = [], deque()

    def _flush(self) -> None:
        self._tick, room = None, BURST
        while room > 0:
            if not self._begun:
                if not self._waiting:
                    return
                picture = self._waiting.popleft()
                self._waiting_octets -= picture.size
                self._begun = self._pack(picture, time.monotonic())
            now = self._begun if len(self._begun) <= room else self._begun[:room]
            sent = self._send(now)
            room -= len(now)
            self._begun = self._begun[sent:] if sent < len(self._begun) else []
            if sent < len(now):  # the socket is full
                break
        if self._begun or self._waiting:
            self._tick = asyncio.get_running_loop().call_later(TICK_S, self._flush)
