"""Files that the service itself makes, within a quota: the oldest go first."""

from __future__ import annotations

import logging
import re
import secrets
import shutil
import threading
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from edge.errors import StorageError, UnknownName
from edge.files import PRIVATE, sweep, write_atomically
from edge.taken import KeepSettings

logger = logging.getLogger(__name__)

NAME = re.compile(r"(\d{6,}-[0-9a-f]{8})(?:\.([a-z]+))?\.[a-z0-9]+")
MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Entry:
    """
    Attributes:
        id: a number that grows, whatever the clock says, and a random part: never used again.
        files: by the name of the part; "" is the first.
        bytes: of all of them.
        made: seconds since 1970.
    """

    id: str
    files: Mapping[str, Path]
    bytes: int
    made: float


class Album:
    """
    The files of one kind. For any thread; every method may block.

    Args:
        folder: made when the first one comes.
        suffix: of the files, such as ".png".
        quota_bytes: what all of them together may take.
        free_bytes: what stays free on the disk.
    """

    def __init__(self, folder: Path, suffix: str, quota_bytes: int, free_bytes: int) -> None:
        self._folder = folder
        self._suffix = suffix
        self._quota_bytes = quota_bytes
        self._free_bytes = free_bytes
        self._changing = threading.Lock()
        self._last = 0
        sweep(folder)
        for files in self._found().values():
            if "" not in files:  # a kill came between its files
                self._delete(files.values())

    def entries(self) -> list[Entry]:
        """All there are, the oldest first."""
        entries = [_entry(id, files) for id, files in self._found().items() if "" in files]
        return sorted(filter(None, entries), key=lambda entry: _number(entry.id))

    def entry(self, id: str) -> Entry:
        """
        One of them.

        Raises:
            UnknownName: there is none of that id, or no more.
        """
        files = self._found().get(id, {})
        found = _entry(id, files) if "" in files else None
        if found is None:
            raise UnknownName(
                f"{id!r}: there is no such file here; it may have made room for newer"
            )
        return found

    def add(self, parts: Mapping[str, bytes]) -> Entry:
        """
        Keep files that belong together.

        Args:
            parts: by name; "" is the first.

        Raises:
            StorageError: the disk is full, or the folder cannot be written. Nothing is kept.
        """
        self.make_room(sum(map(len, parts.values())))
        id = self.new_id()
        try:
            for part in sorted(parts, reverse=True):  # the first last: without it there is none
                write_atomically(self.path(id, part), parts[part], PRIVATE)
        except OSError as error:
            self._delete(self._folder.glob(f"{id}.*"))
            raise self.refusal(error) from error
        return self.entry(id)

    def remove(self, id: str) -> None:
        """
        Delete one for good.

        Raises:
            UnknownName: there is none of that id.
            StorageError: the folder cannot be written.
        """
        for path in self.entry(id).files.values():
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise self.refusal(error) from error

    def new_id(self) -> str:
        """An id for what comes next."""
        with self._changing:
            numbers = [_number(entry.id) for entry in self.entries()]
            self._last = max([self._last, *numbers]) + 1
            return f"{self._last:06d}-{secrets.token_hex(4)}"

    def path(self, id: str, part: str = "") -> Path:
        """Where a file of that id is, or will be."""
        return self._folder / f"{id}{f'.{part}' if part else ''}{self._suffix}"

    def make_room(self, count_bytes: int, spared: Collection[str] = ()) -> None:
        """
        Delete the oldest until ``count_bytes`` more are within the quota.

        Nothing is deleted because others filled the disk: that would lose all of it to no end.

        Args:
            spared: ids that stay, for they are in work.

        Raises:
            StorageError: the disk has too little room, or the folder cannot be written.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(self._folder).free
        except OSError as error:
            raise self.refusal(error) from error
        if free - count_bytes < self._free_bytes:
            raise StorageError(
                f"the disk of {self._folder} has {free / MB:.0f} MB free, and "
                f"{self._free_bytes / MB:.0f} MB stay free: delete something, or set keep.free_mb"
            )
        with self._changing:
            entries = self.entries()
            over = sum(entry.bytes for entry in entries) + count_bytes - self._quota_bytes
            for entry in entries:
                if over <= 0:
                    break
                if entry.id not in spared:
                    logger.info("%s is deleted: newer ones take its room", entry.id)
                    self._delete(entry.files.values())
                    over -= entry.bytes

    def refusal(self, error: OSError) -> StorageError:
        """What to raise for a fault of the folder."""
        return StorageError(
            f"cannot keep anything in {self._folder}: {error.strerror or error}; make that folder "
            "writable and see that the disk is not full"
        )

    def _found(self) -> dict[str, dict[str, Path]]:
        """Id -> part -> file."""
        found: dict[str, dict[str, Path]] = {}
        for path in self._folder.glob(f"*{self._suffix}"):
            name = NAME.fullmatch(path.name)
            if name is not None:
                found.setdefault(name[1], {})[name[2] or ""] = path
        return found

    def _delete(self, files: Iterable[Path]) -> None:
        for path in files:
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                logger.warning("%s cannot be deleted: %s", path, error.strerror)


@dataclass(frozen=True)
class Albums:
    """What the service makes of the picture."""

    snapshots: Album
    recordings: Album


def albums(folder: Path, keep: KeepSettings, allow_original: bool) -> Albums:
    """
    Those of a state folder.

    Args:
        allow_original: the room may be in them: then they are others, in ``room/``, which no
            service gives that was not started with leave to show the room.
    """
    free_bytes = keep.free_mb * MB
    folder = folder / "room" if allow_original else folder
    return Albums(
        Album(folder / "snapshots", ".png", keep.snapshots_mb * MB, free_bytes),
        Album(folder / "recordings", ".mp4", keep.recordings_mb * MB, free_bytes),
    )


def _entry(id: str, files: Mapping[str, Path]) -> Entry | None:
    """None: it was deleted meanwhile."""
    try:
        stats = [path.stat() for path in files.values()]
    except OSError:
        return None
    size = sum(stat.st_size for stat in stats)
    return Entry(id, files, size, round(max(stat.st_mtime for stat in stats), 1))


def _number(id: str) -> int:
    return int(id.partition("-")[0])
