"""
``python -m train prepare``: any known set as one folder that is quick to read and easy to move.

image/NAME.jpg and alpha/NAME.png (backgrounds: background/NAME.jpg), at most SIDE pixels, an
index.csv, and counts.svg: how many pictures each category has.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from edge.errors import UndecodableInput
from edge.files import write_atomically
from train.data.layouts import read
from train.data.pictures import read_alpha, read_rgb, write_alpha, write_rgb
from train.data.records import BACKGROUND, INDEX, Record, write_index
from train.errors import DataError

BAR, ROW = 480, 24  # pixels: the longest bar, and a bar's row
SKIPPED = "skipped.txt"


def prepare(records: Sequence[Record], out: Path, side: int, name: str | None) -> dict[str, str]:
    """
    Copy the good pictures to ``out``.

    Args:
        side: longest side of what is written; nothing is enlarged.
        name: pictures become NAME-00001 and so on; as they were called if None.

    Returns:
        The name and fault of each that is left out. It is also in skipped.txt.

    Raises:
        DataError: none is good.
        OSError: the folder cannot be written.
    """
    kept: list[Record] = []
    skipped: dict[str, str] = {}
    for number, record in enumerate(tqdm(records, desc="prepare", unit="picture"), start=1):
        called = f"{name}-{number:05}" if name else record.name
        try:
            kept.append(_copy(record, out, side, called))
        except UndecodableInput as error:
            skipped[record.name] = str(error)
    if not kept:
        raise DataError(
            f"not one good picture among {len(records)}: {next(iter(skipped.values()))}"
        )
    write_index(out / INDEX, kept)
    counts = Counter(record.category for record in kept)
    write_atomically(out / "counts.svg", count_plot(counts).encode())
    told = "".join(f"{name}: {reason}\n" for name, reason in skipped.items())
    write_atomically(out / SKIPPED, told.encode())
    return skipped


def count_plot(counts: Mapping[str, int]) -> str:
    """A bar per category, the longest first, as SVG."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    most = max(counts.values(), default=1)
    bars = [
        f'<text x="150" y="{y + 16}" text-anchor="end">{escape(category)}</text>'
        f'<rect x="160" y="{y + 3}" width="{BAR * count / most:.1f}" height="{ROW - 8}"/>'
        f'<text x="{166 + BAR * count / most:.1f}" y="{y + 16}">{count}</text>'
        for y, (category, count) in zip(range(8, 10**9, ROW), ordered, strict=False)
    ]
    height = 16 + ROW * len(bars)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{BAR + 230}" height="{height}" '
        'font-family="sans-serif" font-size="13" fill="#345">'
        f'<rect width="100%" height="100%" fill="white"/>{"".join(bars)}</svg>\n'
    )


def _copy(record: Record, out: Path, side: int, name: str) -> Record:
    image = read_rgb(record.image)
    height, width = image.shape[:2]
    scale = min(1.0, side / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    target = out / (BACKGROUND if record.background else "image") / f"{name}.jpg"
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    if record.alpha is None or record.background:
        write_rgb(target, small)
        return replace(record, name=name, image=target, alpha=None)
    alpha = read_alpha(record.alpha)
    if alpha.shape != (height, width):
        raise UndecodableInput(
            f"{record.alpha}: {alpha.shape[1]}x{alpha.shape[0]}, its picture is {width}x{height}"
        )
    matte = out / "alpha" / f"{name}.png"
    shrunk = cv2.resize(alpha, size, interpolation=cv2.INTER_AREA)
    write_alpha(matte, np.asarray(shrunk, np.float32))
    write_rgb(target, small)
    return replace(record, name=name, image=target, alpha=matte)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--data", type=Path, required=True, help="the data set, any known layout")
    parser.add_argument("--output", type=Path, required=True, help="the folder that is made")
    parser.add_argument("--side", type=int, default=512, help="longest side (default: 512)")
    parser.add_argument("--name", help="rename to NAME-00001 ... (default: keep the names)")
    parser.add_argument("--strict", action="store_true", help="only rows with a clear licence")


def run(options: argparse.Namespace) -> str:
    """Do it; returns what to tell the user."""
    records = read(options.data, options.strict)
    skipped = prepare(records, options.output, options.side, options.name)
    said = f"{options.output / INDEX}: {len(records) - len(skipped)} pictures"
    if skipped:
        first = "; ".join(list(skipped.values())[:3])
        said += f"; {len(skipped)} left out, see {options.output / SKIPPED}: {first}"
    return said
