"""What is evaluated: stills with their truth, rooms without people, and clips."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeAlias

from tqdm import tqdm

from bench.dataset import Part, Sample, find_parts
from edge.errors import InputError, UndecodableInput
from edge.frame import Frame
from train.data.layouts import read
from train.data.pictures import read_alpha, read_rgb
from train.data.records import BACKGROUND, INDEX, Record
from train.data.similar import perceptual_hash
from train.data.split import split
from train.data.store import shrunk
from train.errors import DataError

Scene: TypeAlias = "Record | Part"  # a still, or a clip: composite.mp4 and alpha/0000.png ...


def find_scenes(folder: Path) -> list[Scene]:
    """
    All that can be evaluated under ``folder``.

    That is a data set of any layout that ``train.data.layouts`` reads; or clips (``composite.mp4``
    and ``alpha/``), stills (``image/`` and ``alpha/``) and rooms (``empty/``), two folders deep.

    Raises:
        DataError: no such folder, or nothing in it.
    """
    if folder.is_file() or (folder / INDEX).is_file():
        return list(read(folder))  # what is wrong with an index is told, not passed over
    try:
        return list(read(folder))
    except DataError as error:
        try:
            parts = find_parts(folder)
        except InputError:
            raise error from None
    found: list[Scene] = []
    for part in parts:
        found += [part] if part.kind == "clip" else _records(part, len(parts) > 1)
    return found


def _records(part: Part, several: bool) -> list[Record]:
    """A part's stills; of several parts each is a category, and part of the names."""
    if part.kind == "empty":
        return [Record(f"{part.name}/{path.stem}", path, None, BACKGROUND) for path in part.files()]
    records = read(part.folder)
    if not several:
        return records
    return [
        Record(f"{part.name}/{r.name}", r.image, r.alpha, BACKGROUND if r.background else part.name)
        for r in records
    ]


def held_out(scenes: Sequence[Scene], share: float, side: int = 416) -> list[Scene]:
    """
    Those stills that ``python -m train fit`` holds out of the same set; clips are left as they are.

    Args:
        share: ``data.held_out`` of the run.
        side: ``data.side`` of the run: near-duplicates are looked for at the size it keeps.

    Raises:
        DataError: none is held out.
    """
    records, hashes = [], []
    for scene in tqdm(scenes, desc="split", unit="picture", disable=None):
        if isinstance(scene, Part) or not (scene.background or scene.alpha is not None):
            continue
        try:
            hashes.append(perceptual_hash(shrunk(read_rgb(scene.image), side)))
            records.append(scene)
        except UndecodableInput:
            continue  # as the run leaves it out; whoever evaluates the whole set is told
    _, held = split(records, hashes, share)
    if not held:
        raise DataError(f"of {len(records)} pictures none is held out at a share of {share:g}")
    return [*(records[n] for n in held), *(s for s in scenes if isinstance(s, Part))]


def limited(scenes: Sequence[Scene], count: int) -> list[Scene]:
    """At most ``count`` stills, spread evenly over all of them; the clips stay."""
    stills = [scene for scene in scenes if isinstance(scene, Record)]
    clips = [scene for scene in scenes if isinstance(scene, Part)]
    kept = min(count, len(stills))
    return [*(stills[n * len(stills) // kept] for n in range(kept)), *clips]


def frames(scene: Scene) -> int:
    """How many frames ``scene`` has."""
    return len(scene) if isinstance(scene, Part) else 1


def category(scene: Scene) -> str:
    """What its numbers are put together under: what it shows, or the clip's name."""
    return f"clip {scene.name}" if isinstance(scene, Part) else scene.category


def samples(scene: Scene, limit: int | None = None) -> Iterator[Sample]:
    """
    Its frames, one by one, each with its truth; at most ``limit`` of them.

    Raises:
        InputError: one does not decode, has no truth, or one of another size.
    """
    if isinstance(scene, Part):
        for sample in islice(scene.samples(), limit):
            yield Sample(f"{scene.name}/{sample.name}", sample.frame, sample.truth)
        return
    frame = Frame(read_rgb(scene.image), 0, 0)
    if scene.background:
        yield Sample(scene.name, frame, None)
        return
    if scene.alpha is None:
        raise InputError(f"{scene.image}: no mask or alpha to compare with")
    truth = read_alpha(scene.alpha)
    if truth.shape != frame.image.shape[:2]:
        (width, height), (high, wide) = frame.size, truth.shape
        raise InputError(f"{scene.alpha}: {wide}x{high}, its picture is {width}x{height}")
    yield Sample(scene.name, frame, truth)
