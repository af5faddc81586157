"""``python -m train sheets``: look at a data set; picture, alpha and cut-out side by side."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from edge.errors import UndecodableInput
from edge.frame import Rgb
from edge.media.cover import cover
from train.data.layouts import read
from train.data.pictures import read_alpha, read_rgb, write_rgb
from train.data.records import Record
from train.errors import DataError

CELL = 160  # pixels of a picture's side
ROWS, COLUMNS = 6, 4  # of a sheet
BEHIND = (0, 177, 64)  # chroma green: what is left of the room shows on it


def cell(record: Record) -> Rgb:
    """
    One record: picture, alpha and the picture over green, (CELL, 3 CELL, 3).

    Raises:
        UndecodableInput: picture or alpha cannot be read, or they differ in size.
    """
    image = read_rgb(record.image)
    alpha = np.zeros(image.shape[:2], np.float32)
    if record.alpha is not None:
        alpha = read_alpha(record.alpha)
    if alpha.shape != image.shape[:2]:
        raise UndecodableInput(f"{record.alpha}: another size than its picture")
    a = alpha[..., None]
    over = np.rint(a * image + (1 - a) * np.array(BEHIND, np.float32)).astype(np.uint8)
    grey = np.repeat(np.rint(a * 255).astype(np.uint8), 3, axis=2)
    tiles = [cover(part, (CELL, CELL)) for part in (image, grey, over)]
    drawn = np.hstack(tiles)
    cv2.putText(drawn, record.name, (4, CELL - 6), cv2.FONT_HERSHEY_SIMPLEX, 0.35, (255, 255, 0))
    return np.asarray(drawn, np.uint8)


def sheet(cells: Sequence[Rgb]) -> Rgb:
    """Up to ROWS x COLUMNS cells in one picture."""
    blank = np.full((CELL, 3 * CELL, 3), 32, np.uint8)
    full = [*cells, *[blank] * (-len(cells) % COLUMNS)]
    rows = [np.hstack(full[i : i + COLUMNS]) for i in range(0, len(full), COLUMNS)]
    return np.asarray(np.vstack(rows), np.uint8)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--data", type=Path, required=True, help="the data set, any known layout")
    parser.add_argument("--output", type=Path, required=True, help="folder for sheet-001.png ...")
    parser.add_argument("--count", type=int, default=96, help="pictures to show (default: 96)")
    parser.add_argument("--seed", type=int, default=0, help="another one shows others")


def run(options: argparse.Namespace) -> str:
    """
    Do it; returns what to tell the user.

    Raises:
        DataError: no picture can be shown.
    """
    records = read(options.data)
    order = np.random.default_rng(options.seed).permutation(len(records))[: options.count]
    cells: list[Rgb] = []
    failed: list[str] = []
    for number in order:
        try:
            cells.append(cell(records[number]))
        except UndecodableInput as error:
            failed.append(str(error))
    if not cells:
        raise DataError(f"{options.data}: nothing to show: {'; '.join(failed[:3])}")
    each = ROWS * COLUMNS
    for first in range(0, len(cells), each):
        path = options.output / f"sheet-{first // each + 1:03}.png"
        write_rgb(path, sheet(cells[first : first + each]))
    said = f"{options.output}: {len(cells)} pictures on {-(-len(cells) // each)} sheets"
    return said + (f"; not shown: {'; '.join(failed[:5])}" if failed else "")
