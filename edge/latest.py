"""Hand-overs between threads, and from one to the event loop. The newest wins; nothing queues."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from edge.frame import Composite

T = TypeVar("T")


class Closed(Exception):
    """The mailbox was closed, and nothing is left in it."""


class Latest(Generic[T]):
    """A mailbox of one, between two threads. ``put`` never waits, ``get`` never repeats."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._items: list[T] = []
        self._closed = False
        self.dropped = 0

    def put(self, item: T, counted: bool = True) -> None:
        """
        Leave ``item``; one that nobody took yet is dropped. Once closed: nothing.

        Args:
            counted: whether a dropped one is missed.
        """
        with self._changed:
            if self._closed:
                return
            self.dropped += len(self._items) if counted else 0
            self._items = [item]
            self._changed.notify()

    def clear(self) -> None:
        """Forget what nobody took yet, without counting it as dropped."""
        with self._changed:
            self._items = []

    def close(self) -> None:
        """Wake whoever waits; ``get`` raises Closed from now on."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def get(self, timeout_s: float | None = None) -> T | None:
        """
        Wait for an item nobody has taken.

        Returns:
            The item, or None if none came within ``timeout_s``.

        Raises:
            Closed: closed, and nothing is left.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._closed, timeout_s)
            if self._items:
                return self._items.pop()
            if self._closed:
                raise Closed
            return None


class Fork(Generic[T]):
    """
    Two mailboxes that are filled as one.

    Args:
        first: gets every item.
        second: gets those that come while ``wanted``; the first one's losses do not count then.
    """

    def __init__(self, first: Latest[T], second: Latest[T], wanted: Callable[[], bool]) -> None:
        self._first, self._second, self._wanted = first, second, wanted

    def put(self, item: T) -> None:
        """Leave ``item``."""
        both = self._wanted()
        self._first.put(item, counted=not both)
        if both:
            self._second.put(item)

    def clear(self) -> None:
        """Forget what nobody took yet."""
        self._first.clear()
        self._second.clear()


class Broadcast:
    """The newest Composite, from one thread to every viewer on the loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._arrival: asyncio.Future[None] = loop.create_future()
        self._sequence = 0
        self._listeners: tuple[Callable[[Composite], None], ...] = ()
        self.newest: Composite | None = None

    def publish(self, composite: Composite) -> None:
        """Show ``composite`` to everyone. From any thread; after the loop's end, to nobody."""
        for tell in self._listeners:
            tell(composite)
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._arrive, composite)

    def listen(self, tell: Callable[[Composite], None]) -> None:
        """Call ``tell`` with each composite, in the thread that publishes; it must not block."""
        self._listeners = (*self._listeners, tell)

    def unlisten(self, tell: Callable[[Composite], None]) -> None:
        """Call ``tell`` no more."""
        self._listeners = tuple(known for known in self._listeners if known != tell)

    def _arrive(self, composite: Composite) -> None:
        self.newest = composite
        self._sequence += 1
        arrived, self._arrival = self._arrival, self._loop.create_future()
        arrived.set_result(None)

    async def newer_than(self, sequence: int) -> tuple[int, Composite]:
        """
        The newest composite and its number, as soon as there is one newer than ``sequence``.

        Numbers count what was published, slates included; 0 is before the first.
        """
        while self.newest is None or self._sequence <= sequence:
            await asyncio.shield(self._arrival)
        return self._sequence, self.newest
