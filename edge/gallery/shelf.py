"""
Uploads on disk.

An upload is its content as it came (``ID.jpg``), a thumbnail (``ID.thumb.webp``) and a card
(``ID.json``). The card is written last, so that a cut of power leaves a whole upload or none.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edge.errors import InputTooLarge, StorageError, UnknownName
from edge.files import PRIVATE, write_atomically

logger = logging.getLogger(__name__)

NAME = re.compile(r"^[0-9a-f]{24}\.[a-z0-9]{2,5}$")
LEFTOVER_S = 3600  # a file without its card is being written, or was cut short long ago


class Card(BaseModel):
    """What is known of an upload. ``file`` is the name of its content, in the same folder."""

    model_config = ConfigDict(frozen=True)

    label: str = Field(min_length=1, max_length=80)
    kind: Literal["image", "video"]
    file: str = Field(pattern=NAME.pattern)
    bytes: int = Field(ge=0)
    added: float = Field(description="seconds since 1970", allow_inf_nan=False)

    @property
    def id(self) -> str:
        return self.file.partition(".")[0]


class Shelf:
    """
    The uploads of one folder, for any thread. Looking never blocks: ``cards`` is replaced whole.

    Args:
        folder: may be missing; it is made by the first ``put``.
        quota_bytes: what all uploads together may take.
        quota_count: how many there may be.
    """

    def __init__(self, folder: Path, quota_bytes: int, quota_count: int) -> None:
        self._folder = folder
        self._quota_bytes = quota_bytes
        self._quota_count = quota_count
        self._changing = threading.Lock()
        self._cards = self._scan()

    @property
    def cards(self) -> list[Card]:
        """All uploads, the oldest first."""
        return list(self._cards.values())

    def card(self, id: str) -> Card:
        """
        Raises:
            UnknownName: no such upload.
        """
        card = self._cards.get(id)
        if card is None:
            raise UnknownName(f"background {id!r}: there is no such upload; it may be removed")
        return card

    def path(self, card: Card) -> Path:
        return self._folder / card.file

    def check_room(self, count_bytes: int) -> None:
        """
        Raises:
            InputTooLarge: so much more would be over a quota.
        """
        used = sum(card.bytes for card in self._cards.values())
        if len(self._cards) >= self._quota_count:
            raise InputTooLarge(
                f"there are {len(self._cards)} uploads, which is all there may be: remove one first"
            )
        if used + count_bytes > self._quota_bytes:
            raise InputTooLarge(
                f"uploads take {used / 2**20:.0f} MiB and this one {count_bytes / 2**20:.1f}; all "
                f"together may take {self._quota_bytes / 2**20:.0f} MiB: remove some first"
            )

    def write(self, name: str, data: bytes) -> Path:
        """
        Put a file of an upload there, before its card or (a thumbnail) beside it.

        Raises:
            StorageError: the folder cannot be written.
        """
        path = self._folder / name
        try:
            write_atomically(path, data, PRIVATE)
        except OSError as error:
            raise StorageError(
                f"cannot keep uploads in {self._folder}: {error.strerror or error}; "
                "make that folder writable and see that the disk is not full"
            ) from error
        return path

    def put(self, card: Card) -> None:
        """
        Make an upload known whose content is written.

        Raises:
            InputTooLarge: it is over a quota by now.
            StorageError: the folder cannot be written.
        """
        with self._changing:
            self.check_room(card.bytes)
            self.write(f"{card.id}.json", card.model_dump_json(indent=1).encode())
            self._cards = {**self._cards, card.id: card}

    def remove(self, id: str) -> None:
        """
        Remove an upload and its files.

        Raises:
            UnknownName: no such upload.
            StorageError: the folder cannot be written; the upload is still there.
        """
        with self._changing:
            card = self.card(id)
            try:
                (self._folder / f"{id}.json").unlink(missing_ok=True)
            except OSError as error:
                raise StorageError(
                    f"cannot remove {card.label!r} from {self._folder}: {error.strerror}; "
                    "make that folder writable"
                ) from error
            self._cards = {key: kept for key, kept in self._cards.items() if key != id}
            self.discard(id)

    def discard(self, id: str) -> None:
        """Delete the content of an upload without a card. What stays is swept at a later start."""
        with suppress(OSError):
            for path in self._folder.glob(f"{id}.*"):
                path.unlink(missing_ok=True)

    def _scan(self) -> dict[str, Card]:
        cards: list[Card] = []
        try:
            names = sorted(self._folder.iterdir()) if self._folder.is_dir() else []
        except OSError as error:
            logger.warning("uploads in %s cannot be listed: %s", self._folder, error)
            return {}
        for path in names:
            if path.suffix == ".json" and not path.name.startswith("."):
                card = _read(path)
                cards += [card] if card else []
        self._sweep(names, {card.id for card in cards})
        return {card.id: card for card in sorted(cards, key=lambda card: (card.added, card.id))}

    def _sweep(self, names: list[Path], known: set[str]) -> None:
        """Delete what an interrupted upload left."""
        for path in names:
            ours = NAME.match(path.name.lstrip(".")[:24] + ".part")
            id = path.name.lstrip(".")[:24]
            with suppress(OSError):
                stale = time.time() - path.stat().st_mtime > LEFTOVER_S
                if ours and stale and path.suffix != ".json" and id not in known:
                    path.unlink()


def _read(path: Path) -> Card | None:
    try:
        card = Card.model_validate_json(path.read_bytes())
        if card.id != path.stem:
            raise ValueError(f"it speaks of {card.file}")
        if not (path.parent / card.file).is_file():
            raise ValueError(f"{card.file} is missing")
    except (OSError, ValidationError, ValueError) as error:
        logger.warning("upload %s is left out: %s", path, str(error).replace("\n", "; "))
        return None
    return card
