"""The folder that downloads go to: one process at a time, room enough, faults in plain words."""

from __future__ import annotations

import fcntl
import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.errors import StorageError

logger = logging.getLogger(__name__)


@contextmanager
def storing(folder: Path) -> Iterator[None]:
    """Turn the OSErrors of the block into StorageErrors that say what to do."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"{error.filename or folder}: {error.strerror or error}. "
            f"Make {folder} writable with room on its disk, or choose another: --cache-dir FOLDER"
        ) from error


@contextmanager
def alone(lock: Path, what: str) -> Iterator[None]:
    """
    Run the block while no other process or thread does, for the same ``lock`` file.

    The kernel lets go of the lock when its holder ends, however it ends.

    Raises:
        OSError: the file cannot be made or locked.
    """
    with lock.open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            logger.info("another process is fetching %s: waiting for it", what)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def require_room(folder: Path, wanted_bytes: int) -> None:
    """
    Raise unless ``folder``'s disk has ``wanted_bytes`` free: better now than after the download.

    Raises:
        StorageError: it has not.
        OSError: nobody knows.
    """
    free = shutil.disk_usage(folder).free
    if free < wanted_bytes:
        raise StorageError(
            f"{folder}: {free / 1e6:.0f} MB free, {wanted_bytes / 1e6:.0f} MB wanted. "
            "Free some room, or choose another folder: --cache-dir FOLDER"
        )
