"""The pictures worth a look: those that went worst and best, kept small."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import cv2
import numpy as np

from bench.dataset import Sample
from edge.compose import compose
from edge.frame import Alpha, Frame, Matte, Rgb

SIDE = 360  # longest side of a kept picture, in pixels
BEHIND = (0, 177, 64)  # chroma green: what is left of the room shows on it, and what is cut off
EXTRA, MISSED = (230, 60, 40), (40, 110, 240)  # the difference: too much, too little
QUALITY = 82  # of WebP

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Case:
    """
    One picture and what was made of it, each as a small WebP.

    Attributes:
        error: what it was chosen by: MAD x 1e3 of the refined matte, or mean alpha x 1e3 of a
            picture that shows nobody.
        truth: None where nobody is in the picture.
        difference: alpha minus truth over the grey picture, red where too much is kept and blue
            where something is missing.
    """

    name: str
    category: str
    error: float
    picture: bytes
    truth: bytes | None
    alpha: bytes
    composite: bytes
    difference: bytes


def draw_case(sample: Sample, matte: Matte, category: str, error: float) -> Case:
    """
    Make a case of one frame.

    Args:
        matte: at the frame's size, finite.
    """
    frame, truth = sample.frame, sample.truth
    behind = np.full(frame.image.shape, BEHIND, np.uint8)
    wanted = np.zeros_like(matte.alpha) if truth is None else truth
    return Case(
        name=sample.name,
        category=category,
        error=error,
        picture=_webp(frame.image),
        truth=None if truth is None else _webp(_grey(truth)),
        alpha=_webp(_grey(matte.alpha)),
        composite=_webp(compose(frame, matte, behind)),
        difference=_webp(_difference(frame, matte.alpha, wanted)),
    )


class Shelf(Generic[T]):
    """
    The ``size`` items with the largest (or smallest) number, each of another subject.

    Only these are ever held, so memory does not grow with the data set.

    Args:
        largest: keep the largest numbers, else the smallest.
    """

    def __init__(self, size: int, largest: bool) -> None:
        self._size, self._sign = size, 1 if largest else -1
        self._kept: dict[str, tuple[float, T]] = {}  # by subject: (rank, item)

    def offer(self, subject: str, number: float, make: Callable[[], T]) -> None:
        """
        Keep the item if it belongs here; ``make`` is only called then.

        Args:
            subject: neighbouring frames of a clip are one: of them only one item is kept.
        """
        rank = self._sign * number
        if subject in self._kept:
            if rank <= self._kept[subject][0]:
                return
        elif len(self._kept) == self._size:
            least = min(self._kept, key=self._rank, default=None)
            if least is None or rank <= self._rank(least):
                return
            del self._kept[least]
        self._kept[subject] = rank, make()

    def items(self) -> tuple[T, ...]:
        """What is kept, the most extreme first."""
        return tuple(self._kept[s][1] for s in sorted(self._kept, key=self._rank, reverse=True))

    def _rank(self, subject: str) -> float:
        return self._kept[subject][0]


def _difference(frame: Frame, alpha: Alpha, truth: Alpha) -> Rgb:
    grey = cv2.cvtColor(frame.image, cv2.COLOR_RGB2GRAY)
    pale = np.repeat((grey // 2 + 64)[..., None], 3, axis=2).astype(np.float32)
    over = (alpha - truth)[..., None]
    colour = np.where(over > 0, np.array(EXTRA, np.float32), np.array(MISSED, np.float32))
    weight = np.abs(over)
    return np.asarray(np.rint(pale * (1 - weight) + colour * weight), np.uint8)


def _grey(alpha: Alpha) -> Rgb:
    return np.repeat(np.rint(alpha * 255).astype(np.uint8)[..., None], 3, axis=2)


def _webp(image: Rgb) -> bytes:
    scale = SIDE / max(image.shape[:2])
    if scale < 1:
        size = [max(1, round(side * scale)) for side in (image.shape[1], image.shape[0])]
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    _, data = cv2.imencode(".webp", bgr, [cv2.IMWRITE_WEBP_QUALITY, QUALITY])
    return bytes(data)
