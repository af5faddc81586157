"""``python -m train check``: what is wrong with a data set, before hours are spent on it."""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from tqdm import tqdm

from edge.errors import UndecodableInput
from edge.files import write_atomically
from train.data.layouts import read
from train.data.pictures import read_alpha, read_rgb
from train.data.records import Record
from train.data.similar import near_pairs, perceptual_hash
from train.data.store import LEAST
from train.errors import DataError

FATAL = ("unreadable", "size mismatch", "empty mask")  # such pictures cannot be trained on
NAMED = 20  # names per fault in what is printed; the report has them all


def check(records: Sequence[Record]) -> dict[str, list[str]]:
    """
    Look at every picture and mask.

    Returns:
        For each fault that occurs, one line per picture: ``unreadable``, ``size mismatch``,
        ``empty mask``, ``no mask`` and ``near-duplicate``.
    """
    faults: dict[str, list[str]] = defaultdict(list)
    hashes: list[int] = []
    hashed: list[Record] = []
    for record in tqdm(records, desc="check", unit="picture"):
        try:
            image = read_rgb(record.image)
            hashes.append(perceptual_hash(image))
            hashed.append(record)
            _check_mask(record, image.shape[:2], faults)
        except UndecodableInput as error:
            faults["unreadable"].append(f"{record.name}: {error}")
    for a, b in near_pairs(hashes):
        faults["near-duplicate"].append(f"{hashed[a].name} and {hashed[b].name}")
    return dict(faults)


def _check_mask(record: Record, size: tuple[int, ...], faults: dict[str, list[str]]) -> None:
    if record.background:
        return
    if record.alpha is None:
        faults["no mask"].append(record.name)
        return
    alpha = read_alpha(record.alpha)
    if alpha.shape != size:
        sizes = " and ".join(f"{width}x{height}" for height, width in (size, alpha.shape))
        faults["size mismatch"].append(f"{record.name}: {sizes}")
    elif alpha.mean() < LEAST:
        faults["empty mask"].append(record.name)


def report(records: Sequence[Record], faults: dict[str, list[str]], named: int | None) -> str:
    """The faults in words, ``named`` names of each; all if None."""
    bad = {line.split(":")[0] for fault in FATAL for line in faults.get(fault, ())}
    lines = [f"{len(records)} pictures, {len(records) - len(bad)} good"]
    for fault, names in sorted(faults.items()):
        lines.append(f"{fault}: {len(names)}")
        lines += [f"  {name}" for name in names[:named]]
        if named is not None and len(names) > named:
            lines.append(f"  and {len(names) - named} more")
    return "\n".join(lines)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--data", type=Path, required=True, help="the data set, any known layout")
    parser.add_argument("--report", type=Path, help="write all names to this file, too")


def run(options: argparse.Namespace) -> str:
    """
    Do it; returns what to tell the user.

    Raises:
        DataError: not one picture is good.
    """
    records = read(options.data)
    faults = check(records)
    if options.report is not None:
        write_atomically(options.report, (report(records, faults, None) + "\n").encode())
    said = report(records, faults, NAMED)
    if sum(len(faults.get(fault, ())) for fault in FATAL) >= len(records):
        raise DataError(f"{options.data}: nothing to train on. {said}")
    return said
