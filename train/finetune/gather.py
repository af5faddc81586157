"""The frames there are in a folder: pictures as they lie, and what videos in it show."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from tqdm import tqdm

from edge.errors import StorageError, UndecodableInput
from edge.frame import Frame, Rgb
from train.capture import ALIKE, write_frame
from train.data.layouts import SUFFIXES
from train.data.pictures import read_rgb
from train.data.similar import bits_apart, perceptual_hash
from train.errors import DataError

VIDEOS = frozenset({".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi"})
DECLARED = frozenset({"empty", "background", "backgrounds"})  # folders where nobody is


@dataclass(frozen=True, slots=True)
class Found:
    """
    One frame.

    Attributes:
        name: unique.
        size: (width, height).
        empty: whether it lies in a folder whose name says that nobody is in it.
    """

    name: str
    path: Path
    size: tuple[int, int]
    empty: bool


@dataclass(frozen=True, slots=True)
class Gathered:
    """
    Attributes:
        frames: in the order of their names, which is that of time for what was captured.
        unreadable: file -> why.
        alike: how many were left out for being like another one.
    """

    frames: tuple[Found, ...]
    unreadable: dict[str, str]
    alike: int

    def digest(self) -> str:
        """Changes with the frames that there are."""
        digest = hashlib.sha256()
        for frame in self.frames:
            digest.update(f"{frame.name} {frame.size} {frame.empty}\n".encode())
        return digest.hexdigest()[:16]


def gather(folder: Path, work: Path, every_s: float, most: int) -> Gathered:
    """
    Find the frames of ``folder``.

    Args:
        work: where frames of videos are written, for their owner alone.
        every_s: seconds between two frames of a video.
        most: frames at most: of more, some spread evenly over all of them.

    Raises:
        DataError: no such folder, or nothing in it.
        StorageError: ``work`` cannot be written to.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: no such folder. Make it: python -m train capture --output DIR")
    frames: list[Found] = []
    hashes: dict[bool, list[int]] = {True: [], False: []}
    unreadable: dict[str, str] = {}
    alike = 0
    files = [path for path in sorted(folder.rglob("*")) if _wanted(path.relative_to(folder))]
    for path in tqdm(files, desc="gather", unit="file"):
        relative = path.relative_to(folder)
        empty = any(part.lower() in DECLARED for part in relative.parts[:-1])
        name = "-".join(relative.with_suffix("").parts)
        try:
            for suffix, image in _images(path, every_s):
                seen = perceptual_hash(image)
                if any(bits_apart(seen, other) <= ALIKE for other in hashes[empty]):
                    alike += 1
                    continue
                hashes[empty].append(seen)
                kept = _kept(path, work / f"{name}{suffix}.jpg", image, bool(suffix))
                size = (image.shape[1], image.shape[0])
                frames.append(Found(name + suffix, kept, size, empty))
        except UndecodableInput as error:
            unreadable[str(relative)] = str(error)
    if not frames:
        first = next(iter(unreadable.values()), "it holds no pictures or videos")
        raise DataError(f"{folder}: not one frame: {first}")
    return Gathered(_spread(frames, most), unreadable, alike)


def _wanted(relative: Path) -> bool:
    hidden = any(part.startswith(".") for part in relative.parts)
    return not hidden and relative.suffix.lower() in SUFFIXES | VIDEOS


def _images(path: Path, every_s: float) -> Iterator[tuple[str, Rgb]]:
    """Each picture of a file, and what its name gets after that of the file."""
    if path.suffix.lower() not in VIDEOS:
        yield "", read_rgb(path)
        return
    clip = cv2.VideoCapture(str(path))
    try:
        rate = clip.get(cv2.CAP_PROP_FPS) or 25.0
        step = max(1, round(every_s * rate))
        number = 0
        while clip.grab():
            if number % step == 0:
                good, image = clip.retrieve()
                if good:
                    rgb = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
                    yield f"-{number:06}", np.asarray(rgb, np.uint8)
            number += 1
        if number == 0:
            raise UndecodableInput(f"{path}: no video that can be decoded")
    finally:
        clip.release()


def _kept(path: Path, copy: Path, image: Rgb, of_video: bool) -> Path:
    if not of_video:
        return path
    try:
        write_frame(copy, Frame(image, 0, 0))
    except OSError as error:
        raise StorageError(
            f"{copy}: {error.strerror}; make room, or give another --output"
        ) from error
    return copy


def _spread(frames: list[Found], most: int) -> tuple[Found, ...]:
    if len(frames) <= most:
        return tuple(frames)
    return tuple(frames[i * len(frames) // most] for i in range(most))
