"""Known ways to lay out a data set, read where they lie; nothing is copied."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

from train.data.records import BACKGROUND, INDEX, Record, read_index
from train.errors import DataError

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})
# Rows whose grant is not plainly the licensor's to give, or binds more than naming the author.
UNCLEAR = ("Pixabay", "Unsplash", "state portraits", "city-council", "(repo)")


def read(folder: Path, strict: bool = False) -> list[Record]:
    """
    The records of a data set of any known layout.

    Args:
        folder: its root, or an index.
        strict: of a set that gives licences row by row, leave out those that are unclear.

    Raises:
        DataError: no such folder, no known layout, or nothing in it.
    """
    if not folder.exists():
        raise DataError(f"{folder}: no such folder")
    if folder.is_file() or (folder / INDEX).is_file():
        records = read_index(folder)
    elif (folder / "manifest.csv").is_file() and (folder / "images").is_dir():
        records = _open_set(folder, strict)
    else:
        records = next((found for layout in PAIRED if (found := layout(folder))), [])
    if not records:
        raise DataError(
            f"{folder}: no pictures in a known layout. Wanted index.csv, or image/ and alpha/ (or "
            "mask/) with files of the same names; there is "
            + (", ".join(sorted(p.name for p in folder.iterdir())[:8]) if folder.is_dir() else "it")
        )
    return records


def pairs(images: Path, alphas: Path, category: str = "person", prefix: str = "") -> list[Record]:
    """Pictures in one folder and masks in another, joined by the stem of their names."""
    if not (images.is_dir() and alphas.is_dir()):
        return []
    masks = {path.stem: path for path in sorted(alphas.iterdir()) if _picture(path)}
    return [
        Record(prefix + path.stem, path, masks.get(path.stem), category, prefix + path.stem)
        for path in sorted(images.iterdir())
        if _picture(path)
    ]


def origin_group(source: str) -> str:
    """
    What a row's origin has in common with other pictures of the same person, place or video.

    ``repo@commit:path/jane-doe-2.jpg#crop=...`` -> ``janedoe``: commits, folders, crops, moments
    and numbered retakes of one name are the same. A name that is only digits keeps its folder,
    since 001 of two sets are two people.
    """
    path = source.split("@", 1)[-1].split(":", 1)[-1].split("#", 1)[0]
    stem = Path(path).stem.lower()
    letters = re.sub(r"(headshot|portrait|photo|profile|[^a-z])", "", stem)
    return letters if len(letters) >= 4 else f"{Path(path).parent.name}/{stem}"


def _open_set(folder: Path, strict: bool) -> list[Record]:
    """images/, masks/, backgrounds/ and a manifest.csv: file, source, licence, has_mask, kind."""
    rows = csv.DictReader(io.StringIO((folder / "manifest.csv").read_text()))
    records = []
    for row in rows:
        if strict and any(word in row["licence"] for word in UNCLEAR):
            continue
        image = folder / row["file"]
        mask = folder / "masks" / f"{image.stem}.png" if row["has_mask"] == "yes" else None
        group = origin_group(row["source"])
        records.append(Record(image.stem, image, mask, row["kind"], group, _weight(row["kind"])))
    return records


def _weight(kind: str) -> float:
    """Frames of few videos count less: a hundred of them show six people."""
    return 0.25 if kind == "frame" else 1.0


def _picture(path: Path) -> bool:
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(".")


def _image_and_alpha(folder: Path) -> list[Record]:
    names = [(i, a) for i in ("image", "images") for a in ("alpha", "alphas", "mask", "masks")]
    people = next((found for i, a in names if (found := pairs(folder / i, folder / a))), [])
    rooms = folder / "background"
    if people and rooms.is_dir():
        people += [
            Record(f"{BACKGROUND}-{path.stem}", path, None, BACKGROUND, path.stem)
            for path in sorted(rooms.iterdir())
            if _picture(path)
        ]
    return people


PAIRED: tuple[Callable[[Path], list[Record]], ...] = (_image_and_alpha,)
