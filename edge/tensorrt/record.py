"""
What came of an engine, beside its file: it passed its trial, or why it could not be had.

A failed build is not tried again at once: it takes minutes, and would fail again.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from pathlib import Path

from edge.files import write_atomically
from edge.zoo.card_file import card_path

logger = logging.getLogger(__name__)

AGAIN_S = 3600.0


def failure(engine: Path) -> str | None:
    """Why it could not be had, if that was within the last hour. None: it may be tried."""
    note = engine.with_suffix(".failed")
    try:
        if abs(time.time() - note.stat().st_mtime) < AGAIN_S:
            return note.read_text(errors="replace").strip()
    except OSError:
        pass  # there is no such note
    return None


def passed(engine: Path) -> bool:
    """Whether it is here, and matted as it should."""
    return engine.exists() and engine.with_suffix(".passed").exists()


def accept(engine: Path) -> None:
    """It matted as it should."""
    passed, failed = _notes(engine)
    _write(passed, "")
    with suppress(OSError):
        failed.unlink(missing_ok=True)


def refuse(engine: Path, reason: str) -> None:
    """It could not be had, or is no good."""
    drop(engine)
    _write(engine.with_suffix(".failed"), reason + "\n")


def drop(engine: Path) -> None:
    """Delete what there is of it, and forget what came of it."""
    for path in (*_notes(engine), card_path(engine), engine):
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _notes(engine: Path) -> tuple[Path, Path]:
    return engine.with_suffix(".passed"), engine.with_suffix(".failed")


def _write(note: Path, text: str) -> None:
    try:
        write_atomically(note, text.encode())
    except OSError as error:  # it will be found out anew; the service goes on
        logger.warning("%s: %s", note, error.strerror or error)
