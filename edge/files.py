"""Where this service keeps its files, and writing one so that it is there whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

PRIVATE = 0o600  # permissions: the owner alone


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
