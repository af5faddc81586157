"""The pictures a product is calibrated or judged on: a folder of real ones, or the drawn people."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from convert.session import Picture
from edge.drawn.presenter import LOOP_S, paint
from edge.errors import InputError
from edge.fit import fit, place
from edge.frame import Rgb
from edge.zoo.card import ModelInput

ENDINGS = (".jpg", ".jpeg", ".png", ".webp")
DRAWN_SIZE = (1280, 720)
DRAWN_FPS = 30.0


@dataclass(frozen=True, slots=True, eq=False)
class Pictures:
    """
    Attributes:
        label: what they are, for cards and reports, with a checksum of them all.
        names: of each.
        images: (H, W, 3) uint8 RGB, each of its own size.
    """

    label: str
    names: tuple[str, ...]
    images: tuple[Rgb, ...]

    def __len__(self) -> int:
        return len(self.images)

    def fitted(self, given: ModelInput) -> list[Picture]:
        """Each as (1, height, width, 3), fitted as the service does by the card of the model."""
        return [
            fit(image, place(size, given.nearest(size), given.fit), given.interpolation)[None]
            for image, size in ((image, _size(image)) for image in self.images)
        ]

    def at(self, size: tuple[int, int]) -> Pictures:
        """The same, each squeezed into (width, height): a model takes them at that size."""
        squeezed = [cv2.resize(image, size, interpolation=cv2.INTER_AREA) for image in self.images]
        images = tuple(np.asarray(image, np.uint8) for image in squeezed)
        return replace(self, label=f"{self.label} at {size[1]}x{size[0]}", images=images)


def load(folder: Path | None, count: int) -> Pictures:
    """
    ``count`` pictures of ``folder`` and the folders in it, or drawn ones if it is None.

    Which ones depends on their names alone: they are drawn as lots, the same each time, so that a
    folder sorted by scene or person is not cut off after the first.

    Raises:
        InputError: no such folder, no pictures in it, or one that does not decode.
    """
    if count < 1:
        raise InputError(f"{count} pictures: wanted 1 or more")
    return _drawn(count) if folder is None else _real(folder, count)


def _real(folder: Path, count: int) -> Pictures:
    paths = [path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS]
    if not paths:
        raise InputError(f"{folder}: no pictures; wanted a folder with {', '.join(ENDINGS)}")
    lots = sorted(paths, key=lambda path: _lot(path.relative_to(folder)))[:count]
    names = tuple(path.relative_to(folder).as_posix() for path in lots)
    inside = folder.resolve()
    label = f"{inside.parent.name}/{inside.name}" if inside.name == "images" else inside.name
    return labelled(label, names, tuple(_decoded(path) for path in lots))


def _drawn(count: int) -> Pictures:
    step = LOOP_S * DRAWN_FPS / count
    frames = [round(index * step) for index in range(count)]
    images = tuple(paint(frame, DRAWN_SIZE, fps=DRAWN_FPS)[0] for frame in frames)
    return labelled("the drawn presenter", tuple(f"frame {frame}" for frame in frames), images)


def labelled(name: str, names: tuple[str, ...], images: tuple[Rgb, ...]) -> Pictures:
    """Pictures of a set called ``name``; the label says how many, and their checksum."""
    digest = hashlib.sha256()
    for image in images:
        digest.update(repr(image.shape).encode())
        digest.update(np.ascontiguousarray(image).data)
    return Pictures(f"{len(images)} pictures of {name} ({digest.hexdigest()[:12]})", names, images)


def _lot(path: Path) -> str:
    return hashlib.sha256(path.as_posix().encode()).hexdigest()


def _decoded(path: Path) -> Rgb:
    image = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
    if image is None:
        raise InputError(f"{path}: not a picture that can be decoded")
    return np.asarray(image, np.uint8)


def _size(image: Rgb) -> tuple[int, int]:
    return image.shape[1], image.shape[0]
