"""The access token: made once, kept in the state folder, readable by its owner alone."""

from __future__ import annotations

import contextlib
import logging
import secrets
from pathlib import Path

from edge.files import PRIVATE, write_atomically

log = logging.getLogger(__name__)

NAME = "token"
MIN_LENGTH = 12


def access_token(folder: Path) -> str:
    """
    The token kept in ``folder``, made at first use. A new one comes by deleting the file.

    Where the folder cannot be read or written, the token is good for this run alone, and a
    warning says why: the service is still protected, and still starts.
    """
    path = folder / NAME
    try:
        kept = _load(path)
        return kept if kept is not None else _make(path)
    except OSError as error:
        log.warning(
            "the access token cannot be kept in %s (%s): it is good for this run only; make the "
            "folder writable to keep it",
            folder,
            error.strerror or error,
        )
        return _new()


def _new() -> str:
    return secrets.token_urlsafe(24)  # 192 bits


def _load(path: Path) -> str | None:
    """What is kept, or None: nothing, or nothing that could be a token."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return None
    token = raw.decode("ascii", "replace").strip()
    if len(token) < MIN_LENGTH or not token.isascii() or not token.isprintable() or " " in token:
        log.warning(
            "%s holds no access token (%d or more characters, no spaces): a new one is made",
            path,
            MIN_LENGTH,
        )
        return None
    if path.stat().st_mode & 0o077:
        log.warning("%s could be read by other users of this machine: mode 600 is wanted", path)
        with contextlib.suppress(OSError):  # another's file that we may read: still the token
            path.chmod(0o600)
    return token


def _make(path: Path) -> str:
    token = _new()
    write_atomically(path, f"{token}\n".encode(), PRIVATE)
    return token
