"""Known ways to lay out a data set, read where they lie; nothing is copied."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from train.data.records import BACKGROUND, INDEX, Record, read_index
from train.errors import DataError

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"})
IMAGES = ("image", "images", "img")
# Rows whose grant is not plainly the licensor's to give, or binds more than naming the author.
UNCLEAR = ("Pixabay", "Unsplash", "state portraits", "city-council", "(repo)")


def read(folder: Path, strict: bool = False, also: Sequence[str] = ()) -> list[Record]:
    """
    The records of a data set of any known layout.

    Args:
        folder: its root, or an index.
        strict: of a set that gives licences row by row, leave out those that are unclear.
        also: words in the source or licence of rows that stay in all the same: exceptions, to be
            named on the card of what is fitted on them.

    Raises:
        DataError: no such folder, no known layout, or nothing in it.
    """
    if not folder.exists():
        raise DataError(f"{folder}: no such folder")
    if folder.is_file() or (folder / INDEX).is_file():
        records = read_index(folder)
    elif (folder / "manifest.csv").is_file() and (folder / "images").is_dir():
        records = _open_set(folder, strict, also)
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


def _open_set(folder: Path, strict: bool, also: Sequence[str]) -> list[Record]:
    """images/, masks/, backgrounds/ and a manifest.csv: file, source, licence, has_mask, kind."""
    rows = csv.DictReader(io.StringIO((folder / "manifest.csv").read_text()))
    records = []
    for row in rows:
        unclear = any(word in row["licence"] for word in UNCLEAR)
        excepted = any(word in row["source"] + row["licence"] for word in also)
        if strict and unclear and not excepted:
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
    """
    image/ and alpha/, by any of their usual names; background/ beside them if there is one.

    PPM-100 (image/, matte/), "Person Segmentation" and the filtered Supervisely set (images/,
    masks/) are laid out like this, too.
    """
    alphas = ("alpha", "alphas", "matte", "mask", "masks")
    found = (pairs(folder / i, folder / a) for i in IMAGES for a in alphas)
    people = next((records for records in found if records), [])
    return people + _rooms(folder) if people else []


def _only_pictures(folder: Path) -> list[Record]:
    """Pictures without masks, in image/ or in the folder itself: they are to be labelled."""
    for place in (*(folder / name for name in IMAGES), folder):
        paths = sorted(place.iterdir()) if place.is_dir() else []
        people = [Record(p.stem, p, None, "person", p.stem) for p in paths if _picture(p)]
        if people:
            return people + _rooms(folder)
    return []


def _rooms(folder: Path) -> list[Record]:
    """What shows nobody: background/."""
    places = (folder / name for name in ("background", "backgrounds"))
    place = next((each for each in places if each.is_dir()), None)
    return [
        Record(f"{BACKGROUND}-{path.stem}", path, None, BACKGROUND, path.stem)
        for path in (sorted(place.iterdir()) if place else ())
        if _picture(path)
    ]


def _p3m(folder: Path) -> list[Record]:
    """P3M-10K: train/ and validation/P3M-500-*/, faces blurred or not, with mask/."""
    parts = [folder / "train", *sorted((folder / "validation").glob("P3M-500-*"))]
    names = ("blurred_image", "original_image")
    return [
        record
        for part in parts
        for name in names
        for record in pairs(part / name, part / "mask", "person", f"{part.name}-")
    ]


def _cod10k(folder: Path) -> list[Record]:
    """
    COD10K: Train/ and Test/ with Image/ and GT_Object/. Animals in camouflage, no people.

    The category is the super-class in the name, COD10K-CAM-1-Aquatic-2-ClownFish-12; NonCAM
    pictures show nothing that is hidden, and are no backgrounds either: they are left out.
    """
    records = [
        record
        for part in ("Train", "Test")
        for record in pairs(folder / part / "Image", folder / part / "GT_Object")
    ]
    found = []
    for record in records:
        words = record.name.split("-")
        if len(words) > 3 and words[1] == "CAM":
            found.append(replace(record, category=words[3].lower()))
    return found


def _supervisely(folder: Path) -> list[Record]:
    """A Supervisely project: data sets with img/ and ann/, NAME.png and NAME.png.json."""
    records = []
    for notes in sorted(folder.glob("*/ann")) + sorted(folder.glob("ann")):
        part = notes.parent
        for note in sorted(notes.glob("*.json")):
            image = part / "img" / note.name.removesuffix(".json")
            if image.exists():
                name = f"{part.name}-{image.stem}"
                records.append(Record(name, image, note, "person", name))
    return records


PAIRED: tuple[Callable[[Path], list[Record]], ...] = (
    _image_and_alpha,
    _p3m,
    _cod10k,
    _supervisely,
    _only_pictures,
)
