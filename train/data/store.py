"""Pictures ready to be drawn from: decoded once, at one scale, kept as plain bytes on disk."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from edge.errors import UndecodableInput
from edge.files import write_atomically
from edge.frame import Rgb
from train.data.cutout import carry_on_shoulders, foreground_colors
from train.data.pictures import read_alpha, read_rgb
from train.data.records import Record
from train.errors import DataError

LEAST = 0.002  # mean alpha under which a mask counts as empty
VERSION = 2  # of the bytes' meaning: a store of another version is made anew


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """
    One picture; the arrays are views of the store and are not written to.

    Attributes:
        image: (H, W, 3) uint8 RGB.
        colors: (H, W + more, 3) uint8: the foreground's colours, its shoulders carried on. For a
            background empty, as is ``alpha``.
        alpha: (H, W + more) uint8, 0 to 255, of ``colors``.
        left: the column of ``colors`` at which ``image`` begins.
    """

    record: Record
    image: Rgb
    colors: Rgb
    alpha: NDArray[np.uint8]
    left: int

    @property
    def matte(self) -> NDArray[np.uint8]:
        """(H, W) uint8: the alpha of ``image``."""
        height, width = self.image.shape[:2]
        if self.record.background:
            return np.zeros((height, width), np.uint8)
        return self.alpha[:, self.left : self.left + width]


class Store:
    """
    The pictures of some records, by number.

    Attributes:
        skipped: name and reason of each that could not be read.
    """

    def __init__(self, folder: Path, records: Sequence[Record]) -> None:
        listing = json.loads((folder / "store.json").read_text())
        by_name = {record.name: record for record in records}
        self._entries = [(by_name[e["name"]], e) for e in listing["pictures"]]
        self.skipped: dict[str, str] = listing["skipped"]
        self._bytes = np.memmap(folder / "store.bin", np.uint8, "r")

    def __len__(self) -> int:
        return len(self._entries)

    def __getitem__(self, index: int) -> Stored:
        record, entry = self._entries[index]
        (height, width), more, start = entry["size"], entry["wide"], entry["offset"]
        image = self._view(start, (height, width, 3))
        colors = self._view(start + image.size, (height, more, 3))
        alpha = self._view(start + image.size + colors.size, (height, more))
        return Stored(record, image, colors, alpha, entry["left"])

    def records(self) -> list[Record]:
        """What is in it, in its order."""
        return [record for record, _ in self._entries]

    def _view(self, start: int, shape: tuple[int, ...]) -> NDArray[np.uint8]:
        return self._bytes[start : start + int(np.prod(shape))].reshape(shape)


def open_store(cache: Path, records: Sequence[Record], side: int) -> Store:
    """
    The store of ``records``, made if it is not in ``cache`` yet.

    Args:
        cache: the folder stores are kept in.
        records: people with alpha, and backgrounds.
        side: pictures are shrunk to this longest side, in pixels; none is enlarged.

    Raises:
        DataError: no picture of a person could be read.
        OSError: the store cannot be written.
    """
    folder = cache / f"store-{_digest(records, side)}"
    if not (folder / "store.json").is_file():
        _build(folder, records, side)
    store = Store(folder, records)
    if all(record.background for record in store.records()):
        reasons = "; ".join(list(store.skipped.values())[:3]) or "the index names none"
        raise DataError(f"no picture of a person with its alpha could be read: {reasons}")
    return store


def _build(folder: Path, records: Sequence[Record], side: int) -> None:
    """The listing is written last: it is the word that the bytes are whole."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures: list[dict[str, Any]] = []
    skipped: dict[str, str] = {}
    offset = 0
    with (folder / "store.bin").open("wb") as file:
        for record in tqdm(records, desc="store", unit="picture"):
            try:
                image, colors, alpha, left = _prepare(record, side)
            except UndecodableInput as error:
                skipped[record.name] = str(error)
                continue
            entry = {"name": record.name, "size": image.shape[:2], "wide": alpha.shape[1]}
            pictures.append({**entry, "left": left, "offset": offset})
            for part in (image, colors, alpha):
                offset += file.write(np.ascontiguousarray(part).data)
    listing = {"pictures": pictures, "skipped": skipped}
    write_atomically(folder / "store.json", json.dumps(listing).encode())


def _prepare(record: Record, side: int) -> tuple[Rgb, Rgb, NDArray[np.uint8], int]:
    image = read_rgb(record.image)
    height, width = image.shape[:2]
    small = shrunk(image, side)
    size = (small.shape[1], small.shape[0])
    if record.background:
        return small, np.empty((size[1], 0, 3), np.uint8), np.empty((size[1], 0), np.uint8), 0
    if record.alpha is None:
        raise UndecodableInput(f"{record.image}: has no alpha; label it first")
    alpha = read_alpha(record.alpha)
    if alpha.shape != (height, width):
        raise UndecodableInput(
            f"{record.alpha}: {alpha.shape[1]}x{alpha.shape[0]}, its picture is {width}x{height}"
        )
    if alpha.mean() < LEAST:
        raise UndecodableInput(
            f"{record.alpha}: empty; if nobody is in the picture, it belongs into background/"
        )
    matte = np.asarray(cv2.resize(alpha, size, interpolation=cv2.INTER_AREA), np.float32)
    colors, wide, left = carry_on_shoulders(foreground_colors(small, matte), matte)
    return small, colors, np.rint(wide * 255).astype(np.uint8), left


def shrunk(image: Rgb, side: int) -> Rgb:
    """``image`` with a longest side of at most ``side`` pixels, as a store keeps it."""
    height, width = image.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)


def _digest(records: Sequence[Record], side: int) -> str:
    """Changes with every file's name, size or time, and with what is made of them."""
    digest = hashlib.sha256(f"{VERSION} {side}".encode())
    for record in records:
        digest.update(f"{record.name} {record.background}".encode())
        for path in (record.image, record.alpha):
            if path is not None and path.exists():
                state = path.stat()
                digest.update(f"{path.resolve()} {state.st_size} {state.st_mtime_ns}".encode())
    return digest.hexdigest()[:16]
