"""Who is in a frame, by two teachers: one labels, the other must agree, also that nobody is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from edge.errors import StorageError, UndecodableInput
from edge.files import write_atomically
from edge.frame import Alpha
from edge.matting import MattingModel
from train.data.pictures import read_rgb, write_alpha
from train.data.records import BACKGROUND, INDEX, Record, read_index, write_index
from train.errors import ConfigError
from train.finetune.gather import Found, Gathered
from train.label import iou, matte

SOMEBODY = 0.02  # of the picture: who covers less is too far to learn from
NOBODY = 0.004  # of the picture: what both see less of than that is no person
SOLID = 0.5  # alpha from which a pixel counts
DIGEST = "frames.txt"  # of which frames the labels are


@dataclass(frozen=True, slots=True)
class Teachers:
    """
    Attributes:
        names: of both.
        agreement: IoU from which they agree.
    """

    first: MattingModel
    second: MattingModel
    names: tuple[str, str]
    agreement: float


@dataclass(frozen=True, slots=True)
class Labels:
    """
    Attributes:
        records: people with alpha, and rooms, in the order of the frames.
        counts: verdict -> frames.
        doubtful: names of frames that lie among the empty ones, where both see a person.
    """

    records: tuple[Record, ...]
    counts: dict[str, int]
    doubtful: tuple[str, ...] = ()

    def told(self) -> str:
        """In words."""
        of = self.counts.get
        parts = [
            f"{of('person', 0)} frames with somebody",
            f"{of('empty', 0)} of the empty room",
            f"{of('dropped', 0)} dropped, for the teachers differ",
        ]
        if of("unreadable", 0):
            parts.append(f"{of('unreadable', 0)} unreadable")
        said = ", ".join(parts)
        if self.doubtful:
            shown = ", ".join(self.doubtful[:5])
            said += (
                f"; {len(self.doubtful)} lie among the empty ones, but somebody is in them, "
                f"such as {shown}: they are left out"
            )
        return said


def label_frames(gathered: Gathered, teachers: Teachers, folder: Path) -> Labels:
    """
    Label all frames, or take the labels that an earlier start left in ``folder``.

    Raises:
        ConfigError: the labels in ``folder`` are of other frames.
        ModelError: a teacher failed.
        StorageError: ``folder`` cannot be written to.
    """
    digest = f"{gathered.digest()} {' '.join(teachers.names)} {teachers.agreement:g}\n"
    if (folder / INDEX).exists():
        return _taken(folder, digest)
    records: list[Record] = []
    doubtful: list[str] = []
    counts: Counter[str] = Counter()
    try:
        for frame in tqdm(gathered.frames, desc="label", unit="frame"):
            verdict, alpha = judge(frame, teachers)
            counts[verdict] += 1
            if verdict == "doubtful":
                doubtful.append(frame.name)
            elif verdict == "person" and alpha is not None:
                path = folder / "alpha" / f"{frame.name}.png"
                write_alpha(path, alpha)
                records.append(Record(frame.name, frame.path, path))
            elif verdict == "empty":
                records.append(Record(frame.name, frame.path, None, BACKGROUND))
        write_atomically(folder / DIGEST, digest.encode())
        write_index(folder / INDEX, records)
    except OSError as error:
        raise StorageError(f"{error.filename or folder}: {error.strerror or error}") from error
    return Labels(tuple(records), dict(counts), tuple(doubtful))


def judge(frame: Found, teachers: Teachers) -> tuple[str, Alpha | None]:
    """
    What a frame is: ``person`` with its alpha, ``empty``, ``dropped``, ``doubtful`` or
    ``unreadable``.

    Nobody is there where neither teacher sees anything solid, or where the frame's folder says so
    and they do not both see the same person.
    """
    try:
        image = read_rgb(frame.path)
    except UndecodableInput:
        return "unreadable", None
    first, second = (matte(network, image) for network in (teachers.first, teachers.second))
    shares = [float(np.mean(alpha > SOLID)) for alpha in (first, second)]
    both = iou(first, second) >= teachers.agreement and min(shares) >= SOMEBODY
    if frame.empty:
        return ("doubtful" if both else "empty"), None
    if both:
        return "person", first
    return ("empty" if max(shares) < NOBODY else "dropped"), None


def _taken(folder: Path, digest: str) -> Labels:
    found = folder / DIGEST
    if not found.exists() or found.read_text() != digest:
        raise ConfigError(
            f"{folder}: the labels of other frames or teachers. Give another --output, or delete it"
        )
    records = tuple(read_index(folder))
    rooms = sum(record.background for record in records)
    return Labels(records, {"person": len(records) - rooms, "empty": rooms})


def divide(records: Sequence[Record], share: float = 0.2) -> tuple[str, ...]:
    """
    The names to hold out: whole stretches of time, so that no frame's neighbour is learned from.

    People and rooms are held out alike: of every 1 / ``share`` stretches the middle one. Of rooms
    none, where there are fewer than three.
    """
    held: list[str] = []
    parts = round(1 / share)
    for kind in (False, True):
        names = [record.name for record in records if record.background is kind]
        if kind and len(names) < 3:
            continue
        stretches = parts * max(1, len(names) // (8 * parts))
        held += [
            name
            for i, name in enumerate(names)
            if (i * stretches // len(names)) % parts == parts // 2
        ]
    return tuple(held)
