"""``python -m train split``: a data set in two; no picture's twin is on the other side."""

from __future__ import annotations

import argparse
from pathlib import Path

from tqdm import tqdm

from edge.errors import UndecodableInput
from train.data.layouts import read
from train.data.pictures import read_rgb
from train.data.records import Record, write_index
from train.data.similar import perceptual_hash
from train.data.split import split
from train.errors import ConfigError, DataError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--data", type=Path, required=True, help="the data set, any known layout")
    parser.add_argument("--output", type=Path, required=True, help="for train.csv and held-out.csv")
    parser.add_argument("--share", type=float, default=0.1, help="held out (default: 0.1)")
    parser.add_argument("--seed", type=int, default=0, help="another one holds out others")


def run(options: argparse.Namespace) -> str:
    """
    Do it; returns what to tell the user.

    Raises:
        ConfigError: no such share.
        DataError: no picture can be read.
    """
    if not 0 < options.share < 1:
        raise ConfigError(f"--share {options.share}: wanted a number between 0 and 1")
    records: list[Record] = []
    hashes: list[int] = []
    unreadable: list[str] = []
    for record in tqdm(read(options.data), desc="split", unit="picture"):
        try:
            hashes.append(perceptual_hash(read_rgb(record.image)))
            records.append(record)
        except UndecodableInput as error:
            unreadable.append(str(error))
    if not records:
        raise DataError(f"{options.data}: no picture can be read: {unreadable[0]}")
    sides = split(records, hashes, options.share, options.seed)
    for name, numbers in zip(("train", "held-out"), sides, strict=True):
        write_index(options.output / f"{name}.csv", [records[n] for n in numbers])
    said = f"{options.output}: {len(sides[0])} in train.csv, {len(sides[1])} in held-out.csv"
    return said + (f"; unreadable: {'; '.join(unreadable[:5])}" if unreadable else "")
