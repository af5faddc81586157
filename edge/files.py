"""Where this service keeps its files, and writing one so that it is there whole or not at all."""

from __future__ import annotations

import os
import re
import tempfile
import time
from contextlib import suppress
from itertools import count
from pathlib import Path

PRIVATE = 0o600  # permissions: the owner alone
UNFINISHED = re.compile(r"\..+-[a-z0-9_]{8}")  # what write_atomically has not yet named
LEFTOVER_S = 3600  # longer than any write takes


def home(variable: str, fallback: str) -> Path:
    """This service's folder below an XDG directory, or below ``fallback`` in the home folder."""
    return Path(os.environ.get(variable) or Path.home() / fallback) / "edge-matting"


def write_atomically(path: Path, data: bytes, mode: int = 0o644) -> None:
    """
    Put ``data`` at ``path``, replacing what is there; its folder is made where it is missing.

    Args:
        mode: the file's permissions, in force before any byte is readable.

    Raises:
        OSError: nothing was changed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")  # made 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), mode)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def sweep(folder: Path) -> None:
    """
    Delete what writes that were cut off (by a kill, or with the power) left in ``folder``.

    What is younger than an hour is left: another process may be writing it. The clock may have been
    set since, so what seems to be of the future is old, too.
    """
    with suppress(OSError):
        for path in folder.iterdir():
            if not UNFINISHED.fullmatch(path.name):
                continue
            if abs(time.time() - path.stat().st_mtime) > LEFTOVER_S:
                path.unlink(missing_ok=True)


def put_aside(path: Path, why: str) -> Path:
    """
    Rename ``path`` for whoever wants to look at it: state.json becomes state.broken.json, or
    state.broken-2.json where there is one already.

    Args:
        why: goes into the name.

    Raises:
        OSError: it stays where it is.
    """
    for number in count(1):
        tag = f"{why}-{number}" if number > 1 else why
        aside = path.with_suffix(f".{tag}{path.suffix}")
        if not aside.exists():
            break
    path.rename(aside)
    return aside
