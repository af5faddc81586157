"""The capture thread: keeps one source open, and opens it anew after a fault."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from edge.errors import SourceError
from edge.frame import Frame
from edge.latest import Fork, Latest
from edge.sources import Granted, Source
from edge.stats import Stats

logger = logging.getLogger(__name__)

RETRY_S = 0.5  # between two attempts to open a source


@dataclass(frozen=True, slots=True)
class CaptureStatus:
    """
    How the source fares.

    Attributes:
        phase: ``opening`` before its first frame, ``live``, or ``lost`` after a fault until the
            next frame.
        label: the source's, for people.
        note: the source's, for viewers.
        error: why it is lost, or could not be opened yet.
        granted: what the device gives.
        since_ns: monotonic time of the newest frame, or of the change to this source.
    """

    phase: Literal["opening", "live", "lost"]
    label: str
    note: str = ""
    error: str | None = None
    granted: Granted | None = None
    since_ns: int = 0

    @property
    def trouble(self) -> str | None:
        """The error with the source's label, which many an error begins with itself; or None."""
        if self.error is None or self.label in self.error:
            return self.error
        return f"{self.label}: {self.error}"


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """
    A source in use.

    Attributes:
        first_index: frames of a lower one are of the source before.
    """

    source: Source
    first_index: int


class Capture:
    """
    Runs from ``start`` to ``stop``; ``change`` swaps the source while it runs.

    Args:
        source: the first source to read.
        mailbox: gets each frame; indices go on counting over every change of source.
        stats: is told of each frame.

    Attributes:
        take: the source in use, and from which frame on.
        status: how it fares.
    """

    def __init__(self, source: Source, mailbox: Latest[Frame] | Fork[Frame], stats: Stats) -> None:
        self.take = Take(source, 0)
        self._mailbox = mailbox
        self._stats = stats
        self._index = -1
        self._woken = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)
        self.status = self._opening(source)

    @property
    def source(self) -> Source:
        """The source in use. It may be lost at the moment."""
        return self.take.source

    def start(self) -> None:
        self._thread.start()

    def change(self, source: Source) -> None:
        """Read ``source`` from now on; the one before is closed. From any thread."""
        with self._woken:
            before, self.take = self.source, Take(source, self._index + 1)
            self.status = self._opening(source)
            self._woken.notify_all()
        before.close()
        self._mailbox.clear()

    def stop(self, timeout_s: float = 3) -> bool:
        """Close the source and wait for the thread. True if it ended in time."""
        with self._woken:
            self._stopping = True
            self._woken.notify_all()
        self.source.close()
        if self._thread.ident is not None:
            self._thread.join(timeout_s)
        return not self._thread.is_alive()

    @property
    def alive(self) -> bool:
        """False once the thread is gone, which only ``stop`` brings about."""
        return self._thread.is_alive()

    def _opening(self, source: Source) -> CaptureStatus:
        return CaptureStatus("opening", source.label, since_ns=time.monotonic_ns())

    def _run(self) -> None:
        while not self._stopping:
            source = self.source
            try:
                self._read(source)
                self._lost(source, "it has ended")
            except SourceError as error:
                self._lost(source, str(error))
            except Exception as error:  # noqa: BLE001 - a fault of one source must not end the thread
                logger.exception("source %s broke", source.label)
                self._lost(source, f"unexpected fault: {error!r}")
            with self._woken:
                self._woken.wait_for(self._over_with(source), RETRY_S)

    def _over_with(self, source: Source) -> Callable[[], bool]:
        return lambda: self._stopping or self.source is not source

    def _read(self, source: Source) -> None:
        base = self._index + 1
        for frame in source:
            with self._woken:
                # Under the lock: a frame of the source before must not follow a change.
                if self._stopping or self.source is not source:
                    return
                self._index = base + frame.index
                if self.status.phase != "live":
                    logger.info("source %s is live", source.label)
                self.status = CaptureStatus(
                    "live", source.label, source.note, None, source.granted, frame.captured_ns
                )
                self._stats.saw_frame()
                self._mailbox.put(replace(frame, index=self._index))

    def _lost(self, source: Source, reason: str) -> None:
        with self._woken:
            if self._stopping or self.source is not source:
                return
            before = self.status
            self.status = replace(before, phase="lost", note=source.note, error=reason)
            if before.error != reason:
                logger.warning("source %s", self.status.trouble)
