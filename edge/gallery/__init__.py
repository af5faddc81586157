"""The gallery of backgrounds: those that the project draws, and those that people uploaded."""

from __future__ import annotations

import secrets
import threading
import time
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from edge.backgrounds import Background
from edge.backgrounds._drawn import Drawn
from edge.backgrounds._still import Still
from edge.drawn import DRAWINGS
from edge.errors import Forbidden, InputError, StorageError, UndecodableInput
from edge.frame import Rgb
from edge.gallery.shelf import Card, Shelf
from edge.media.clips import first_picture
from edge.media.cover import cover
from edge.media.pictures import BACKGROUND_SIZE, read_picture
from edge.media.uploads import FileType, check_bytes, type_of
from edge.plugins import make

QUOTA_BYTES = 512 * 2**20
QUOTA_COUNT = 200
THUMBNAIL_SIZE = (320, 180)
LABEL_LENGTH = 60

_DRAWN = {drawing.id: drawing for drawing in DRAWINGS}


@dataclass(frozen=True, slots=True)
class Item:
    """
    Attributes:
        id: for ``gallery:ID``; never used again for something else.
        label: for people, from the uploaded file's name.
        deletable: False for what the project draws.
    """

    id: str
    label: str
    kind: Literal["image", "video"]
    deletable: bool


class Gallery:
    """
    For any thread. ``items`` never blocks; the rest decodes, draws or writes.

    Args:
        folder: where uploads are kept. Missing or read-only, the drawn ones are still there.
        quota_bytes: what all uploads together may take.
    """

    def __init__(self, folder: Path, quota_bytes: int = QUOTA_BYTES) -> None:
        self._shelf = Shelf(folder, quota_bytes, QUOTA_COUNT)
        self._decoding = threading.Lock()  # one at a time: 50 megapixels take 400 MB

    def items(self) -> list[Item]:
        """The drawn ones in their order, then the uploads, oldest first."""
        drawn = [Item(drawing.id, drawing.label, "image", False) for drawing in DRAWINGS]
        return drawn + [_item(card) for card in self._shelf.cards]

    def add(self, data: bytes | Path, filename: str) -> Item:
        """
        Keep an upload.

        Args:
            data: the file's content, or the file.
            filename: as the uploader calls it. Only the label is made of it.

        Raises:
            InputTooLarge: too many bytes or pixels, too long, or over the gallery's quota.
            UnsupportedInput: a type that is not taken.
            UndecodableInput: broken inside.
            StorageError: the folder cannot be written.
        """
        content = _content(data)
        found = type_of(content)
        self._shelf.check_room(len(content))
        id = secrets.token_hex(12)
        try:
            path = self._shelf.write(id + found.suffix, content)
            with self._decoding:
                picture = _picture(path, found.kind)
            self._shelf.write(_thumbnail_name(id), _webp(picture))
            card = Card(
                label=label(filename, found),
                kind=found.kind,
                file=path.name,
                bytes=len(content),
                added=time.time(),
            )
            self._shelf.put(card)
        except BaseException:
            self._shelf.discard(id)
            raise
        return _item(card)

    def remove(self, id: str) -> None:
        """
        Remove an upload for good.

        Raises:
            Forbidden: the project draws it.
            UnknownName: no such item.
            StorageError: the folder cannot be written.
        """
        if id in _DRAWN:
            raise Forbidden(f"{_DRAWN[id].label!r} is drawn by the project and stays")
        self._shelf.remove(id)

    def thumbnail(self, id: str) -> bytes:
        """
        A small picture of an item: WebP, 320 x 180.

        Raises:
            UnknownName: no such item.
            InputError: its file no longer decodes.
        """
        if id in _DRAWN:
            return _drawn_thumbnail(id)
        card = self._shelf.card(id)
        kept = self._shelf.path(card).with_name(_thumbnail_name(id))
        with suppress(OSError):
            return kept.read_bytes()
        with self._decoding:
            thumbnail = _webp(self._load(card))
        with suppress(StorageError):  # a read-only folder: drawn anew each time
            self._shelf.write(kept.name, thumbnail)
        return thumbnail

    def background(self, id: str) -> Background:
        """
        An item as a background, ready to be put behind a frame.

        Raises:
            UnknownName: no such item.
            InputError: its file is gone or no longer decodes.
        """
        if id in _DRAWN:
            return Drawn(partial(_drawn, id))
        card = self._shelf.card(id)
        if card.kind == "video":
            video: Background = make("edge.backgrounds", f"video:{self._shelf.path(card)}")
            return video
        with self._decoding:
            return Still(self._load(card))

    def _load(self, card: Card) -> Rgb:
        try:
            return _picture(self._shelf.path(card), card.kind)
        except InputError as error:
            raise UndecodableInput(f"upload {card.label!r}: {error}; remove it") from error


def label(filename: str, found: FileType) -> str:
    """What to call an upload: its file's name without folders, ending and odd signs."""
    name = unicodedata.normalize("NFC", filename.replace("\\", "/")).rpartition("/")[2]
    stem, dot, ending = name.rpartition(".")
    if not (dot and stem.strip(".") and ending.isalnum() and len(ending) <= 5):
        stem = name
    # Categories C*: controls, and marks that would turn the direction of the page's text.
    plain = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in stem)
    return " ".join(plain.split()).strip(".")[:LABEL_LENGTH].strip() or found.name


def _item(card: Card) -> Item:
    return Item(card.id, card.label, card.kind, deletable=True)


def _content(data: bytes | Path) -> bytes:
    try:
        check_bytes(len(data) if isinstance(data, bytes) else data.stat().st_size)
        return data if isinstance(data, bytes) else data.read_bytes()
    except OSError as error:
        raise InputError(f"the file cannot be read: {error.strerror or error}") from error


def _picture(path: Path, kind: Literal["image", "video"]) -> Rgb:
    return first_picture(path) if kind == "video" else read_picture(path, BACKGROUND_SIZE)


def _thumbnail_name(id: str) -> str:
    return f"{id}.thumb.webp"


@lru_cache(maxsize=2)
def _drawn(id: str, size: tuple[int, int]) -> Rgb:
    return _DRAWN[id].draw(size)


@lru_cache(maxsize=len(DRAWINGS))
def _drawn_thumbnail(id: str) -> bytes:
    return _webp(_DRAWN[id].draw(THUMBNAIL_SIZE))


def _webp(picture: Rgb) -> bytes:
    small = cv2.cvtColor(cover(picture, THUMBNAIL_SIZE), cv2.COLOR_RGB2BGR)
    done, encoded = cv2.imencode(".webp", small, [cv2.IMWRITE_WEBP_QUALITY, 82])
    if not done:
        raise RuntimeError("this build of OpenCV cannot write WebP")
    return np.asarray(encoded, np.uint8).tobytes()
