"""Keeping publishers going: each in a task of its own, begun again ever more patiently."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from edge.errors import EdgeError
from edge.publishers import Publisher, Supply

log = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0  # before it is begun again; doubled each time
CLOSE_S = 2.0

Status = Literal["connecting", "live", "waiting"]
Sleep = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class PublisherStats:
    """
    One publisher, as /api/stats tells of it.

    Attributes:
        status: ``waiting``: it broke off, and is begun again in a while.
        error: why it is not live, or None.
        sent: pictures taken by the other side.
    """

    name: str
    status: Status
    error: str | None
    sent: int


class Publishers:
    """
    All publishers of a service. To be made and used on the event loop.

    Args:
        sleep: how to wait between two attempts.
    """

    def __init__(
        self, publishers: Sequence[Publisher], supply: Supply, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._kept = [_Kept(name, one) for name, one in _named(publishers)]
        self._tasks = [asyncio.create_task(kept.keep(supply, sleep)) for kept in self._kept]

    def stats(self) -> list[PublisherStats]:
        """Each publisher, in the order they were given."""
        return [kept.stats() for kept in self._kept]

    async def close(self) -> None:
        """End them all. Takes less than ``CLOSE_S``."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=CLOSE_S)
            if late:
                log.warning("%d publishers did not end within %s s", len(late), CLOSE_S)


class _Kept:
    """One publisher and how it fares."""

    def __init__(self, name: str, publisher: Publisher) -> None:
        self._name = name
        self._publisher = publisher
        self._status: Status = "connecting"
        self._error: str | None = None

    def stats(self) -> PublisherStats:
        return PublisherStats(self._name, self._status, self._error, self._publisher.sent)

    async def keep(self, supply: Supply, sleep: Sleep) -> None:
        pause_s = FIRST_PAUSE_S
        while True:
            self._status = "connecting"
            said = self._error
            error = await self._once(supply)
            if self._error is None:  # it had been live: what ended it may be over soon
                pause_s = FIRST_PAUSE_S
            self._status, self._error = "waiting", error
            if error != said:
                log.warning("%s: %s; trying again", self._name, error)
            await sleep(pause_s)
            pause_s = min(2 * pause_s, LONGEST_PAUSE_S)

    async def _once(self, supply: Supply) -> str:
        """One attempt: why it broke off."""
        try:
            await self._publisher.publish(supply, self._live)
        except EdgeError as error:
            return str(error)
        except Exception as error:  # a defect of one must end neither the others nor itself
            log.exception("%s broke", self._name)
            return f"{type(error).__name__}: {error}"
        return "it ended"

    def _live(self) -> None:
        if self._status != "live":
            self._status, self._error = "live", None
            log.info("%s: live", self._name)


def _named(publishers: Sequence[Publisher]) -> list[tuple[str, Publisher]]:
    """Each with its label, and a number where two have the same: figures are told apart by name."""
    labels = [one.label for one in publishers]
    names = [
        f"{label} ({labels[:index].count(label) + 1})" if label in labels[:index] else label
        for index, label in enumerate(labels)
    ]
    return list(zip(names, publishers, strict=True))
