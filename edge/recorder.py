"""The picture on disk: what viewers are shown, slates included, and never the room."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from contextlib import suppress

from edge.album import Album
from edge.errors import Conflict, EdgeError, SourceError
from edge.film import Film
from edge.frame import Composite
from edge.latest import Broadcast, Closed, Latest
from edge.state import RecorderState
from edge.taken import RecordingState

logger = logging.getLogger(__name__)

ROOM_BYTES = 16_000_000  # to begin with, and ahead of what is written
LOOK_S = 2.0  # how often room is made
FILE_BYTES = 512_000_000  # then the next file begins, so that old ones may go
STOP_S = 2.5


class Recorder:
    """
    Records in a thread of its own, and drops pictures rather than delay anyone. For the event loop.

    One file follows another when the first is large or the picture changes its size; the oldest
    files go when all of them are over their quota.

    Args:
        broadcast: what viewers are shown.
        album: where files go.
    """

    def __init__(self, broadcast: Broadcast, album: Album) -> None:
        self._broadcast = broadcast
        self._album = album
        self._newest: Latest[Composite] | None = None
        self._thread: threading.Thread | None = None
        self._film: tuple[str, Film] | None = None
        self._last_id = ""
        self._error: str | None = None
        self._begun_s = 0.0
        self._changing = asyncio.Lock()

    @property
    def state(self) -> RecorderState:
        """Whether it records."""
        film = self._film
        if film is None:
            return RecorderState(recording=None, running_s=None, error=self._error)
        running_s = round(time.monotonic() - self._begun_s, 1)
        return RecorderState(recording=film[0], running_s=running_s, error=None)

    async def start(self) -> RecordingState:
        """
        Begin.

        Raises:
            Conflict: it records already.
            SourceError: there is no picture yet.
            StorageError: the disk is full, or the folder cannot be written.
        """
        async with self._changing:
            if self._film is not None:
                raise Conflict("it is recorded already; DELETE /api/record ends that")
            picture = self._broadcast.newest
            if picture is None:
                raise SourceError("there is no picture to record yet; try again later")
            await self._end()  # one that broke off still hears of pictures
            self._begun_s = time.monotonic()
            self._film = await asyncio.to_thread(self._next, picture)
            self._newest, self._error = Latest[Composite](), None
            self._newest.put(picture)
            self._broadcast.listen(self._newest.put)
            self._thread = threading.Thread(
                target=self._run, args=(self._newest,), name="recorder", daemon=True
            )
            self._thread.start()
            return await asyncio.to_thread(self._recording)

    async def stop(self) -> RecordingState:
        """
        End. Its last file is whole when this returns.

        Raises:
            Conflict: nothing is recorded.
        """
        async with self._changing:
            if self._film is None:
                raise Conflict(f"nothing is recorded{f': {self._error}' if self._error else ''}")
            await self._end()
            return await asyncio.to_thread(self._recording)

    async def close(self) -> None:
        """End, if it runs. Any number of times."""
        async with self._changing:
            await self._end()

    async def _end(self) -> None:
        if self._newest is None or self._thread is None:
            return
        self._broadcast.unlisten(self._newest.put)
        self._newest.close()
        await asyncio.to_thread(self._thread.join, STOP_S)

    def require_done(self, id: str) -> None:
        """Raises Conflict while ``id`` is the file that grows."""
        if self._film is not None and self._film[0] == id:
            raise Conflict(f"{id} is being recorded; end that first: DELETE /api/record")

    def _recording(self) -> RecordingState:
        entry = self._album.entry(self._last_id)
        return RecordingState(id=entry.id, bytes=entry.bytes, made=entry.made)

    def _next(self, composite: Composite) -> tuple[str, Film]:
        self._album.make_room(ROOM_BYTES)
        self._last_id = self._album.new_id()
        return self._last_id, Film(self._album.path(self._last_id), _size(composite))

    def _run(self, newest: Latest[Composite]) -> None:
        try:
            self._record(newest)
        except EdgeError as error:
            self._error = str(error)
            logger.error("the recording ended: %s", error)
        except Exception as error:  # noqa: BLE001 - logged and told; the service goes on
            self._error = f"unexpected fault: {error!r}"
            logger.exception("the recording broke")
        finally:
            film, self._film = self._film, None
            if film is not None:
                with suppress(EdgeError):  # the same fault once more
                    film[1].close()

    def _record(self, newest: Latest[Composite]) -> None:
        look_s = time.monotonic() + LOOK_S
        with suppress(Closed):
            while self._film is not None:
                composite = newest.get()
                if composite is None:
                    continue
                id, film = self._film
                if film.size != _size(composite) or film.bytes > FILE_BYTES:
                    film.close()
                    _, film = self._film = self._next(composite)
                elif time.monotonic() > look_s:
                    look_s = time.monotonic() + LOOK_S
                    self._album.make_room(ROOM_BYTES, spared=(id,))
                film.add(composite)


def _size(composite: Composite) -> tuple[int, int]:
    """(width, height)"""
    height, width = composite.image.shape[:2]
    return width, height
