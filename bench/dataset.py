"""Test data as it lies on disk: pictures and clips with alpha, and scenes without people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np

from edge.errors import InputError
from edge.frame import Alpha, Frame, Rgb

PICTURES = (".jpg", ".jpeg", ".png", ".webp")
CLIP_FPS = 25.0  # where a clip does not say


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A frame with its true alpha (H, W), or with None where nobody is in it."""

    name: str
    frame: Frame
    truth: Alpha | None


@dataclass(frozen=True, slots=True)
class Part:
    """
    One part of the data, measured as one row.

    Attributes:
        kind: ``stills``, each a scene of its own, with alpha; ``clip``, one scene with alpha;
            ``empty``, stills without people.
    """

    name: str
    kind: Literal["stills", "clip", "empty"]
    folder: Path

    def __len__(self) -> int:
        """How many samples there are."""
        return len(self.files())

    def files(self) -> list[Path]:
        """The pictures; of a clip, whose frames are in one file, the alphas."""
        folder = {"stills": "image", "clip": "alpha", "empty": "."}[self.kind]
        return _pictures(self.folder / folder)

    def samples(self) -> Iterator[Sample]:
        """
        Read them one by one.

        Raises:
            InputError: a picture or clip does not decode, lacks its alpha, or differs from it in
                size.
        """
        for index, (name, image, truth) in enumerate(self._read()):
            if truth is not None and truth.shape != image.shape[:2]:
                raise InputError(
                    f"{self.name}/{name}: the picture is {image.shape[:2]}, its alpha {truth.shape}"
                )
            yield Sample(name, Frame(image, index, round(index * 1e9 / CLIP_FPS)), truth)

    def _read(self) -> Iterator[tuple[str, Rgb, Alpha | None]]:
        if self.kind == "clip":
            alphas = _pictures(self.folder / "alpha")
            frames = _frames(self.folder / "composite.mp4", len(alphas))
            for path, image in zip(alphas, frames, strict=True):
                yield path.stem, image, _alpha(path)
        elif self.kind == "stills":
            for path in _pictures(self.folder / "image"):
                yield path.stem, _image(path), _alpha(self.folder / "alpha" / f"{path.stem}.png")
        else:
            for path in _pictures(self.folder):
                yield path.stem, _image(path), None


def find_parts(root: Path) -> list[Part]:
    """
    The parts under ``root``, or ``root`` itself if it is one.

    A part has ``image/`` and ``alpha/``, or ``composite.mp4`` and ``alpha/``, or is called
    ``empty``. Folders that are none of these are looked into.

    Raises:
        InputError: there is none.
    """
    parts = list(_search(root, depth=2))
    if not parts:
        raise InputError(
            f"{root}: no test data here; wanted image/ + alpha/, composite.mp4 + alpha/, or empty/"
        )
    return parts


def _search(folder: Path, depth: int) -> Iterator[Part]:
    name = folder.resolve().name
    if (folder / "image").is_dir() and (folder / "alpha").is_dir():
        yield Part(name, "stills", folder)
    elif (folder / "composite.mp4").is_file() and (folder / "alpha").is_dir():
        yield Part(name, "clip", folder)
    elif name == "empty" and folder.is_dir():
        yield Part(name, "empty", folder)
    elif depth and folder.is_dir():
        for inner in sorted(folder.iterdir()):
            yield from _search(inner, depth - 1)


def _pictures(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if p.suffix.lower() in PICTURES)


def _image(path: Path) -> Rgb:
    image = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
    if image is None:
        raise InputError(f"{path}: not a picture that can be decoded")
    return np.asarray(image, np.uint8)


def _alpha(path: Path) -> Alpha:
    levels = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE | cv2.IMREAD_ANYDEPTH)
    if levels is None:
        raise InputError(f"{path}: wanted the true alpha, an 8 or 16 bit picture, found none")
    full = 65535 if levels.dtype == np.uint16 else 255
    return np.asarray(levels / np.float32(full), np.float32)


def _frames(path: Path, count: int) -> Iterator[Rgb]:
    """Exactly ``count`` frames."""
    clip = cv2.VideoCapture(str(path))
    try:
        for index in range(count):
            read, image = clip.read()
            if not read:
                raise InputError(f"{path}: {index} frames decode, but there are {count} alphas")
            yield np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB), np.uint8)
    finally:
        clip.release()
