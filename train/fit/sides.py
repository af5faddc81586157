"""What a run learns from, and what it is measured on."""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from train.data.layouts import read
from train.data.records import Record
from train.data.similar import perceptual_hash
from train.data.split import split
from train.data.store import Store, open_store
from train.errors import DataError
from train.fit.account import Pictures
from train.fit.config import Config


@dataclass(frozen=True, slots=True)
class Sides:
    """
    Attributes:
        train, held: numbers of the store's pictures to learn from, and held out.
        pictures: the same, to be told.
    """

    store: Store
    train: list[int]
    held: list[int]
    pictures: Pictures


def gather(config: Config, folder: Path, named: Collection[str] = ()) -> Sides:
    """
    Read the data set, once: its pictures are kept beside ``folder`` as they are drawn from.

    Args:
        folder: of the run.
        named: pictures to hold out, in place of a share of them.

    Raises:
        DataError: no such set, no person with a mask in it, or no room to keep it.
    """
    records = read(config.data.index, config.data.strict)
    unlabelled = [r.name for r in records if r.alpha is None and not r.background]
    usable = [r for r in records if r.alpha is not None or r.background]
    if all(r.background for r in usable):
        raise DataError(
            f"{config.data.index}: no picture of a person has a mask, of {len(unlabelled)} in all. "
            "Masks bear the names of their pictures; to have them made: python -m train label "
            f"--data {config.data.index} --output FOLDER"
        )
    store = _kept(folder, usable, config.data.side)
    train, held = _split(store, config.data.held_out, named)
    rooms = sum(store.records()[n].background for n in train)
    left_out = {**store.skipped, **dict.fromkeys(unlabelled, "has no mask of the same name")}
    pictures = Pictures(len(train) - rooms, rooms, len(held), left_out)
    return Sides(store, train, held, pictures)


def _kept(folder: Path, records: list[Record], side: int) -> Store:
    cache = Path(os.environ.get("EDGE_TRAIN_CACHE", folder.parent))
    try:
        return open_store(cache, records, side)
    except OSError as error:
        raise DataError(
            f"{cache}: {error.strerror}. The pictures are kept there as plain bytes, about "
            f"{len(records) * side * side * 6 / 1e6:.0f} MB: make room, or name another folder: "
            "EDGE_TRAIN_CACHE=FOLDER"
        ) from error


def _split(store: Store, share: float, named: Collection[str]) -> tuple[list[int], list[int]]:
    records = store.records()
    if named:
        train = [n for n, record in enumerate(records) if record.name not in named]
        return train, [n for n, record in enumerate(records) if record.name in named]
    hashes = [perceptual_hash(store[n].image) for n in range(len(store))]
    return split(records, hashes, share, seed=0)
