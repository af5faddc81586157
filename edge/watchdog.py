"""
Telling systemd how the service fares, by the protocol of sd_notify(3).

A datagram to a socket is all of it, so no package is needed. Without systemd nothing is sent.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Callable, MutableMapping
from typing import Protocol

from edge.frame import Composite

logger = logging.getLogger(__name__)

SHARE = 4  # tells in the time that systemd waits: two may be late before it acts
UNWATCHED_PERIOD_S = 10.0  # between two looks at the status, where nobody waits for them
STATUS_LENGTH = 200  # characters of a status; `systemctl status` shows it on one line


class Notifier:
    """
    Sends to whoever supervises this process; to nobody, if nobody does.

    Args:
        environment: where NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID are read, and taken out:
            children are not supervised, and must not speak for this process.

    Attributes:
        period_s: how often to tell that all is well.
    """

    def __init__(self, environment: MutableMapping[str, str] = os.environ) -> None:
        address = environment.pop("NOTIFY_SOCKET", "")
        self._address = address.replace("@", "\0", 1) if address.startswith("@") else address
        self.period_s = _period_s(environment)
        self._socket: socket.socket | None = None
        if address:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self._socket.setblocking(False)  # the event loop never waits for the supervisor

    def tell(self, *fields: str) -> None:
        """Send fields such as "READY=1" together. What cannot be sent is left out."""
        if self._socket is None:
            return
        try:
            self._socket.sendto("\n".join(fields).encode(), self._address)
        except OSError as error:
            logger.debug("systemd was not told %s: %s", fields, error)


def _period_s(environment: MutableMapping[str, str]) -> float:
    timeout_us = environment.pop("WATCHDOG_USEC", "")
    meant_for = environment.pop("WATCHDOG_PID", str(os.getpid()))
    if not timeout_us.isdigit() or int(timeout_us) == 0 or meant_for != str(os.getpid()):
        return UNWATCHED_PERIOD_S
    return int(timeout_us) / 1e6 / SHARE


class Published(Protocol):
    """What tells of each composite and slate: ``edge.latest.Broadcast``."""

    async def newer_than(self, sequence: int) -> tuple[int, Composite]:
        """The newest one and its number, as soon as that is over ``sequence``."""


async def keep_alive(
    published: Published, trouble: Callable[[], str | None], notifier: Notifier
) -> None:
    """
    Tell systemd, as long as pictures are published and the event loop runs, that both is so.

    Slates count: without a camera the service is well, and starting it anew brings none. A thread
    or loop that hangs is what this is for: then nothing is told, and systemd starts it anew.

    Args:
        trouble: why viewers see no fresh matted picture, or None.
    """
    sequence, said = 0, ""
    while True:
        sequence, _ = await published.newer_than(sequence)
        status = " ".join((trouble() or "live").split())[:STATUS_LENGTH]
        notifier.tell("WATCHDOG=1", *([f"STATUS={status}"] if status != said else []))
        said = status
        await asyncio.sleep(notifier.period_s)
