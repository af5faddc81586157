"""Where a picture, or a person cut out of one, lies in the frame that a network is shown."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.fit import PADDING, place

Size = tuple[int, int]  # (width, height)
WHOLE = 0.985  # of the picture's height: a person who ends above it is not cut off
Matrix = NDArray[np.float64]  # (2, 3), from the picture's pixels to the frame's


@dataclass(frozen=True, slots=True)
class Framing:
    """
    A placement that can be moved a little, for the next frame of a video.

    Attributes:
        scale: (x, y), frame pixels per picture pixel; negative x is mirrored.
        angle: of rotation, in degrees.
        anchor: the picture's point that ``at`` says the place of; rotation is around it.
        at: a point of the frame.
    """

    scale: tuple[float, float]
    angle: float
    anchor: tuple[float, float]
    at: tuple[float, float]

    def matrix(self) -> Matrix:
        """For ``cv2.warpAffine``; pixels are areas, so centres lie at halves."""
        radians = math.radians(self.angle)
        turn = np.array(
            [[math.cos(radians), -math.sin(radians)], [math.sin(radians), math.cos(radians)]]
        )
        linear = turn @ np.diag(self.scale)
        shift = np.array(self.at) - linear @ np.array(self.anchor)
        shift += linear @ np.array([0.5, 0.5]) - 0.5
        return np.column_stack((linear, shift))

    def moved(self, rng: np.random.Generator, most: float) -> Framing:
        """The same a moment later: shifted by up to ``most`` pixels, turned and scaled a little."""
        dx, dy = rng.uniform(-most, most, 2)
        grown = 1 + rng.uniform(-0.015, 0.015)
        return replace(
            self,
            scale=(self.scale[0] * grown, self.scale[1] * grown),
            angle=self.angle + rng.uniform(-1, 1),
            at=(self.at[0] + dx, self.at[1] + dy),
        )


def crop(rng: np.random.Generator, picture: Size, frame: Size, top: float) -> Framing:
    """
    A part of the picture that fills the frame, as a webcam would have taken it.

    Args:
        top: the row of the person's highest point: it stays in the frame most of the time.
    """
    width, height = picture
    stretch = math.exp(rng.uniform(-0.2, 0.2))  # sensors of 4:3 are stretched into 16:9 inputs
    fit = min(width / (frame[0] * stretch), height / frame[1])  # picture pixels per frame pixel
    fit *= rng.uniform(0.7, 1)
    wide, high = frame[0] * stretch * fit, frame[1] * fit
    x = rng.uniform(0, width - wide)
    lowest = height - high
    y = (
        rng.uniform(0, min(lowest, max(0.0, top)))
        if rng.random() < 0.85
        else rng.uniform(0, lowest)
    )
    scale = (1 / (fit * stretch), 1 / fit)
    angle = float(rng.normal(0, 2.5))
    mirror = 1 if rng.random() < 0.5 else -1
    centre = (x + wide / 2, y + high / 2)
    return Framing((mirror * scale[0], scale[1]), angle, centre, (frame[0] / 2, frame[1] / 2))


def whole(rng: np.random.Generator, picture: Size, frame: Size) -> Framing:
    """All of the picture, as the service fits it: stretched, or letterboxed."""
    box = place(picture, frame, "stretch" if rng.random() < 0.5 else "letterbox")
    mirror = 1 if rng.random() < 0.5 else -1
    scale = (mirror * box.width / picture[0], box.height / picture[1])
    centre = (picture[0] / 2, picture[1] / 2)
    return Framing(scale, 0.0, centre, (frame[0] / 2, frame[1] / 2))


def stand(
    rng: np.random.Generator, box: tuple[int, int, int, int], picture: Size, frame: Size
) -> Framing:
    """
    A cut-out put before a camera.

    Args:
        box: (left, top, right, bottom) of its alpha, in a picture of that size. Who is cut off by
            the picture's lower end reaches the frame's; who is seen whole may stand anywhere.
    """
    left, top, right, bottom = box
    mirror = 1 if rng.random() < 0.5 else -1
    aspect = math.exp(rng.uniform(-0.12, 0.12))
    far = bottom < WHOLE * picture[1] and rng.random() < 0.5
    high = frame[1] * (rng.uniform(0.2, 0.8) if far else rng.uniform(0.45, 1.15))
    scale = min(high / max(1, bottom - top), 1.5 * frame[0] / max(1, right - left))
    high = (bottom - top) * scale  # of the person, in the frame
    if far:
        x = frame[0] * rng.uniform(0.1, 0.9)
        y = rng.uniform(high, frame[1] * 1.02)
    else:
        x = frame[0] * (0.5 + rng.normal(0, 0.16))
        y = frame[1] + high * rng.uniform(0, 0.25)
    angle = rng.normal(0, 4) if rng.random() < 0.9 else rng.uniform(-25, 25)
    return Framing(
        (mirror * scale * aspect, scale), float(angle), ((left + right) / 2, bottom), (x, y)
    )


def warp(
    picture: NDArray[np.uint8], framing: Framing, frame: Size, outside: int
) -> NDArray[np.uint8]:
    """
    ``picture`` drawn into a frame.

    Args:
        outside: the value where the picture does not reach, or -1 to mirror it there.
    """
    shrink = min(abs(framing.scale[0]), framing.scale[1])
    if shrink < 0.7:  # linear interpolation alone would skip pixels
        size = [
            round(picture.shape[1] * abs(framing.scale[0])),
            round(picture.shape[0] * framing.scale[1]),
        ]
        size = [max(1, side) for side in size]
        ratio = (size[0] / picture.shape[1], size[1] / picture.shape[0])
        picture = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
        framing = replace(
            framing,
            scale=(framing.scale[0] / ratio[0], framing.scale[1] / ratio[1]),
            anchor=(framing.anchor[0] * ratio[0], framing.anchor[1] * ratio[1]),
        )
    border = cv2.BORDER_REFLECT if outside < 0 else cv2.BORDER_CONSTANT
    value = (max(outside, 0),) * 4
    drawn = cv2.warpAffine(
        picture,
        framing.matrix(),
        frame,
        flags=cv2.INTER_LINEAR,
        borderMode=border,
        borderValue=value,
    )
    return np.asarray(drawn, np.uint8)


OUTSIDE = PADDING  # what the service pads with
