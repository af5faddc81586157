"""A Record names one picture of a data set; an index is a CSV of them."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.files import write_atomically
from train.errors import DataError

BACKGROUND = "background"  # the category of pictures that show nobody
INDEX = "index.csv"
COLUMNS = ("name", "image", "alpha", "category", "group", "weight")


@dataclass(frozen=True, slots=True)
class Record:
    """
    One picture.

    Attributes:
        name: unique in its data set; also the stem of files made from it.
        image: the picture's file.
        alpha: the file of its alpha or mask; None where there is none (yet), or for a background.
        category: what it shows, such as ``head``; BACKGROUND where it shows nobody.
        group: pictures of one group (a person, a place, a video) stay on one side of a split.
        weight: how often it is drawn, against 1 for an ordinary one.
    """

    name: str
    image: Path
    alpha: Path | None = None
    category: str = "person"
    group: str = ""
    weight: float = 1.0

    @property
    def background(self) -> bool:
        """Whether nobody is in the picture, so that its alpha is 0."""
        return self.category == BACKGROUND


def read_index(path: Path) -> list[Record]:
    """
    The records of an index, as ``write_index`` writes it.

    Args:
        path: the CSV, or the folder that holds it as index.csv. Relative paths in it are taken
            from its folder; ``group`` and ``weight`` may be missing.

    Raises:
        DataError: no such file, a column or value is missing, or a name comes twice.
    """
    path = path / INDEX if path.is_dir() else path
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text())))
    except OSError as error:
        raise DataError(
            f"{path}: {error.strerror}. Make it: python -m train prepare --data DIR --output DIR"
        ) from error
    records = [_record(row, path, line) for line, row in enumerate(rows, start=2)]
    names = [record.name for record in records]
    twice = (
        {name for name in names if names.count(name) > 1} if len(set(names)) < len(names) else ()
    )
    if twice:
        raise DataError(f"{path}: {', '.join(sorted(twice)[:5])}: more than one row of that name")
    return records


def write_index(path: Path, records: Sequence[Record]) -> None:
    """
    Write ``records`` as a CSV, whole or not at all; files near it are named relative to it.

    Raises:
        OSError: it cannot be written.
    """
    write_atomically(path, table(path.parent, records).encode())


def table(folder: Path, records: Iterable[Record]) -> str:
    """The text of an index that lies in ``folder``."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for r in records:
        alpha = "" if r.alpha is None else _relative(r.alpha, folder)
        writer.writerow(
            (r.name, _relative(r.image, folder), alpha, r.category, r.group, f"{r.weight:g}")
        )
    return out.getvalue()


def _record(row: dict[str, str], path: Path, line: int) -> Record:
    try:
        alpha = row.get("alpha") or ""
        return Record(
            name=row["name"],
            image=path.parent / row["image"],
            alpha=path.parent / alpha if alpha else None,
            category=row.get("category") or "person",
            group=row.get("group") or "",
            weight=float(row.get("weight") or 1),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(
            f"{path}, line {line}: {error!r}; wanted the columns {', '.join(COLUMNS)}"
        ) from error


def _relative(file: Path, folder: Path) -> str:
    """Relative where the file lies in ``folder``, so that both can move; else absolute."""
    file, folder = Path(os.path.abspath(file)), Path(os.path.abspath(folder))  # noqa: PTH100 - keeps links
    return str(file.relative_to(folder)) if file.is_relative_to(folder) else str(file)
