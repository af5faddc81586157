"""
Where the picture goes beside the viewers. Each module here is one kind and has
``make(argument: str) -> Publisher``, which only reads its argument (InputError if it is malformed).

``edge.publishers._keeping`` runs them, and begins one again after it broke off.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from edge.latest import Broadcast
from edge.webrtc.push import Push


@dataclass(frozen=True, slots=True)
class Supply:
    """
    What is published: composites and slates, never a frame as it was captured.

    Attributes:
        broadcast: every one of them.
        push: opens a WebRTC connection that carries them as viewers get them, encoded once for all.
            Its argument is a name for the log.
    """

    broadcast: Broadcast
    push: Callable[[str], Push]


class Publisher(Protocol):
    """
    One server or device. Used on the event loop, which it never blocks; what may block has a thread
    of its own, and what is slow gets the newest picture only.

    Attributes:
        label: for people; no passwords or keys in it.
        sent: pictures taken by the other side since it was made.
    """

    @property
    def label(self) -> str: ...
    @property
    def sent(self) -> int: ...

    async def publish(self, supply: Supply, live: Callable[[], None]) -> None:
        """
        Publish until that breaks off, or until cancelled; then all that it held is free.

        Args:
            live: called, any number of times, while the other side takes pictures.

        Raises:
            PublishError: why it broke off, and what to do. The same may be called again.
        """
        ...
