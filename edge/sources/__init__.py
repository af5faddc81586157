"""
Where frames come from. Each module here is one kind and has ``make(argument: str) -> Source``.

``make`` only reads its argument (InputError if it is malformed); the device is opened by the
first ``next``, in the capture thread.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from edge.frame import Frame


@dataclass(frozen=True, slots=True)
class Granted:
    """What a device really gives, read back after asking. ``None``: it does not say."""

    width: int
    height: int
    fps: float | None = None
    pixel_format: str | None = None


class Source(Protocol):
    """
    Iterated in the capture thread. After a SourceError the same object is iterated again, which
    opens the device anew; after ``close`` it is not used any more.

    Attributes:
        label: for people; no passwords in it.
        note: what a viewer should be told about this source ("no camera found: ..."), or "".
        granted: what the device gives, from the first frame on.
    """

    @property
    def label(self) -> str: ...
    @property
    def note(self) -> str: ...
    @property
    def granted(self) -> Granted | None: ...

    def __iter__(self) -> Iterator[Frame]:
        """
        Give frames as they come, blocking between them, and free the device in ``finally``.

        Ends without an error after ``close``.

        Raises:
            SourceError: the source cannot be opened, or went silent, is gone or is broken. At the
                latest 1 s after the last good frame.
        """
        ...

    def close(self) -> None:
        """End the iteration soon, a blocked read included. From any thread, any number of times."""
        ...
