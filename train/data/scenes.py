"""
Scenes a webcam may see, made of stored pictures: with someone in it, with a new room, or empty.

A Scene is drawn at one moment or at two: its parts then move a little against each other, and its
truth moves with them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.frame import Rgb
from edge.media.cover import cover
from train.data.framing import OUTSIDE, Framing, Size, crop, stand, warp, whole
from train.data.store import Stored

Byte = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """
    One moment of a scene: what the network sees, and the truth.

    Attributes:
        image: (H, W, 3) uint8 RGB.
        alpha: (H, W) uint8.
        contrast: (H, W) uint8: how far foreground and background colours lie apart, which is what
            a wrong alpha changes in the composite; 0 where the background is not known.
    """

    image: Rgb
    alpha: Byte
    contrast: Byte


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """A person in a scene. Attributes: ``gain`` multiplies R, G, B."""

    picture: Stored
    framing: Framing
    gain: tuple[float, float, float] = (1.0, 1.0, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """
    What is before the camera.

    Attributes:
        frame: (width, height).
        room: (H, W, 3), behind everyone; None where the one part brings its own.
        parts: the people, farthest first.
        wrap: how much of the room's light spills over the edges, 0 to 1.
        shift: of the room, in pixels: the camera moved.
    """

    frame: Size
    room: Rgb | None
    parts: list[Part] = field(default_factory=list)
    wrap: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)

    def later(self, rng: np.random.Generator) -> Scene:
        """The same scene one frame on."""
        most = rng.uniform(0, 6)
        parts = [replace(p, framing=p.framing.moved(rng, most)) for p in self.parts]
        shake = (
            (float(rng.normal(0, 1)), float(rng.normal(0, 1))) if rng.random() < 0.3 else (0.0, 0.0)
        )
        return replace(self, parts=parts, shift=shake)

    def shoot(self) -> Shot:
        """Draw it."""
        if self.room is None:
            return self._as_taken()
        matrix = np.array([[1, 0, self.shift[0]], [0, 1, self.shift[1]]])
        moved = cv2.warpAffine(self.room, matrix, self.frame, borderMode=cv2.BORDER_REFLECT)
        image = moved.astype(np.float32)
        alpha = np.zeros(image.shape[:2], np.float32)
        contrast = np.zeros_like(alpha)
        for part in self.parts:
            colors, a = self._person(part, image)
            apart = np.abs(colors - image).mean(axis=2)
            contrast = np.maximum(contrast, apart)
            image = colors * a[..., None] + image * (1 - a[..., None])
            alpha = a + alpha * (1 - a)
        return Shot(_bytes(image), _bytes(alpha * 255), _bytes(contrast))

    def _as_taken(self) -> Shot:
        (part,) = self.parts
        image = warp(part.picture.image, part.framing, self.frame, OUTSIDE)
        alpha = warp(part.picture.matte, part.framing, self.frame, 0)
        return Shot(image, alpha, np.zeros_like(alpha))

    def _person(
        self, part: Part, behind: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        both = np.dstack((part.picture.colors, part.picture.alpha))
        drawn = warp(both, part.framing, self.frame, 0).astype(np.float32)
        a = drawn[..., 3] / np.float32(255)
        # The colours were drawn with black outside the cut-out's rectangle; alpha is 0 there.
        colors = np.clip(drawn[..., :3] * np.array(part.gain, np.float32), 0, 255)
        if self.wrap:
            radius = max(3, self.frame[1] // 24) | 1
            open_ = cv2.blur(1 - a, (radius, radius)) * self.wrap
            light = cv2.blur(behind, (radius, radius))
            colors += open_[..., None] * (light - colors)
        return colors, a


def as_taken(rng: np.random.Generator, picture: Stored, frame: Size) -> Scene:
    """A person in the room where the picture was taken."""
    size = (picture.image.shape[1], picture.image.shape[0])
    if rng.random() < 0.4:
        framing = whole(rng, size, frame)
    else:
        framing = crop(rng, size, frame, box_of(picture.matte)[1])
    return Scene(frame, None, [Part(picture, framing)])


def composited(rng: np.random.Generator, people: list[Stored], room: Rgb, frame: Size) -> Scene:
    """People cut out and put into another room, lit a little like it."""
    parts = []
    for person in people:
        gain = np.exp(rng.normal(0, 0.18) + rng.normal(0, 0.06, 3))
        if rng.random() < 0.5:
            gain *= _towards(person, room, float(rng.uniform(0.2, 0.6)))
        size = (person.alpha.shape[1], person.alpha.shape[0])
        framing = stand(rng, box_of(person.alpha), size, frame)
        parts.append(Part(person, framing, (float(gain[0]), float(gain[1]), float(gain[2]))))
    wrap = float(rng.uniform(0.1, 0.5)) if rng.random() < 0.4 else 0.0
    return Scene(frame, room, parts, wrap)


def room_from(rng: np.random.Generator, background: Rgb, frame: Size) -> Rgb:
    """A background as a camera shows it: a part of it, mirrored or not, in focus or not."""
    height, width = background.shape[:2]
    part = rng.uniform(0.5, 1) if rng.random() < 0.75 else rng.uniform(0.12, 0.5)  # a close-up
    wide, high = max(8, int(width * part)), max(8, int(height * part))
    x, y = rng.integers(0, width - wide + 1), rng.integers(0, height - high + 1)
    piece = background[y : y + high, x : x + wide]
    room = cover(np.ascontiguousarray(piece[:, ::-1] if rng.random() < 0.5 else piece), frame)
    if rng.random() < 0.2:
        room = np.asarray(cv2.GaussianBlur(room, (0, 0), float(rng.uniform(0.8, 5))), np.uint8)
    return room


def wall(rng: np.random.Generator, frame: Size) -> Rgb:
    """A plain wall, lit from one side."""
    first, second = rng.uniform(20, 245, 3), rng.uniform(-40, 40)
    ramp = np.linspace(0, 1, frame[0])[None, :, None] * second + np.zeros((frame[1], 1, 1))
    return _bytes(np.asarray(first + ramp, np.float32))


def box_of(alpha: Byte) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) of what is more than half opaque; all of it if nothing is."""
    solid = alpha > 127
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    if not rows.size:
        return 0, 0, alpha.shape[1], alpha.shape[0]
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _towards(person: Stored, room: Rgb, share: float) -> NDArray[np.float64]:
    """The gain that brings the person's mean brightness part of the way to the room's."""
    inside = person.alpha > 127
    own = float(person.colors[inside].mean()) if inside.any() else 128.0
    return np.full(3, ((float(room.mean()) + 20) / (own + 20)) ** share)


def _bytes(values: NDArray[np.float32]) -> Byte:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
