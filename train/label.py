"""
``python -m train label``: soft alpha for pictures that have none, by a teacher.

A second network must agree with the teacher: where the two see different people, one is wrong, and
which one cannot be told. There a mask made by hand is used if there is one, else the picture is
dropped. The work is resumable: one row of ``labels.csv`` is written per picture as it is done.
"""

from __future__ import annotations

import argparse
import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from edge import plugins
from edge.errors import UndecodableInput
from edge.files import write_atomically
from edge.frame import Alpha, Frame, Rgb
from edge.matting import MattingModel
from train.data.layouts import read
from train.data.pictures import read_alpha, read_rgb, write_alpha
from train.data.records import INDEX, Record, write_index

JOURNAL = "labels.csv"
SMALLEST = 0.005  # of the picture: less foreground than that is nobody, or a lost person


@dataclass(frozen=True, slots=True)
class Label:
    """
    What came of one picture.

    Attributes:
        verdict: ``teacher`` (the two agree), ``hand`` (they do not, its own mask is used),
            ``dropped`` or ``unreadable``.
        agreement: IoU of teacher and second network at alpha 0.5.
        note: why it could not be read.
    """

    name: str
    verdict: str
    agreement: float
    note: str = ""


def label(
    record: Record, networks: tuple[MattingModel, MattingModel], out: Path, least: float
) -> Label:
    """
    Make the alpha of one picture and write it to ``out``/alpha, unless it is dropped.

    Args:
        record: its picture, and its mask if it has one.
        networks: the teacher, and the one that must agree.
        out: the data set that is made.
        least: the IoU from which the two agree.

    Raises:
        ModelError: a network failed.
        OSError: the alpha cannot be written.
    """
    try:
        image = read_rgb(record.image)
        hand = None if record.alpha is None else read_alpha(record.alpha)
    except UndecodableInput as error:
        return Label(record.name, "unreadable", 0.0, str(error))
    teacher, second = (matte(network, image) for network in networks)
    agreement = iou(teacher, second)
    if agreement >= least and teacher.mean() >= SMALLEST:
        verdict, alpha = "teacher", teacher
    elif hand is not None and hand.shape == teacher.shape and hand.mean() >= SMALLEST:
        verdict, alpha = "hand", hand
    else:
        return Label(record.name, "dropped", agreement)
    write_alpha(out / "alpha" / f"{record.name}.png", alpha)
    return Label(record.name, verdict, agreement)


def matte(network: MattingModel, image: Rgb) -> Alpha:
    """The network's alpha at the picture's own size, (H, W) float32 in [0, 1]."""
    alpha = network.matte(Frame(image, 0, 0)).alpha
    size = (image.shape[1], image.shape[0])
    return np.clip(cv2.resize(alpha, size, interpolation=cv2.INTER_LINEAR), 0, 1)


def iou(a: Alpha, b: Alpha) -> float:
    """Intersection over union of two alphas cut at 0.5; 1 where both are empty."""
    first, second = a > 0.5, b > 0.5
    union = int((first | second).sum())
    return int((first & second).sum()) / union if union else 1.0


def label_all(
    records: Sequence[Record], specs: Sequence[str], out: Path, least: float
) -> Counter[str]:
    """
    Label every picture that is not yet; write the index of all that may be trained on.

    Args:
        records: people and backgrounds; backgrounds go into the index as they are.
        specs: matting specs of the teacher and the second network, such as ``onnx:modnet``.
        out: the data set that is made: alpha/, labels.csv and index.csv.
        least: see ``label``.

    Returns:
        How many pictures came to each verdict.
    """
    out.mkdir(parents=True, exist_ok=True)
    done = {row.name: row for row in _mended(out / JOURNAL)}
    left = [r for r in records if not r.background and r.name not in done]
    if left:
        teacher, second = (plugins.make("edge.matting", spec) for spec in specs)
        with (out / JOURNAL).open("a", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            for record in tqdm(left, desc="label", unit="picture"):
                row = label(record, (teacher, second), out, least)
                done[row.name] = row
                writer.writerow(
                    (row.name, row.verdict, f"{row.agreement:.4f}", " ".join(row.note.split()))
                )
                file.flush()
    write_index(out / INDEX, _usable(records, done, out))
    return Counter(done[r.name].verdict for r in records if not r.background)


def _usable(records: Sequence[Record], done: dict[str, Label], out: Path) -> list[Record]:
    return [
        replace(r, alpha=None if r.background else out / "alpha" / f"{r.name}.png")
        for r in records
        if r.background or done[r.name].verdict in ("teacher", "hand")
    ]


def _mended(path: Path) -> Iterator[Label]:
    """The rows written so far; one that a kill cut off is taken out, and done again."""
    if not path.exists():
        return
    whole, _, rest = path.read_text().rpartition("\n")
    if rest:
        write_atomically(path, f"{whole}\n".encode() if whole else b"")
    for name, verdict, agreement, note in csv.reader(whole.splitlines()):
        yield Label(name, verdict, float(agreement), note)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    parser.add_argument("--data", type=Path, required=True, help="the data set, any known layout")
    parser.add_argument("--output", type=Path, required=True, help="the data set that is made")
    parser.add_argument("--teacher", default="modnet", help="model id or spec (default: modnet)")
    parser.add_argument("--second", default="u2netp", help="must agree with it (default: u2netp)")
    parser.add_argument("--agreement", type=float, default=0.8, help="least IoU (default: 0.8)")
    parser.add_argument("--strict", action="store_true", help="only rows with a clear licence")
    parser.add_argument(
        "--also",
        action="append",
        default=[],
        metavar="TEXT",
        help="with --strict: rows with TEXT in their source or licence, too; may come again",
    )


def run(options: argparse.Namespace) -> str:
    """Do it; returns what to tell the user."""
    records = read(options.data, options.strict, options.also)
    specs = [s if ":" in s else f"onnx:{s}" for s in (options.teacher, options.second)]
    counts = label_all(records, specs, options.output, options.agreement)
    said = ", ".join(f"{count} {verdict}" for verdict, count in sorted(counts.items()))
    return f"{options.output / INDEX}: {said}; {len(records) - counts.total()} backgrounds"
