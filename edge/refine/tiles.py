"""
Limits work at the frame's size to where a small picture needs it, and to pieces that fit the cache.

An enlarged piece equals that part of the whole enlarged if its borders fall between whole pixels of
both pictures and it is enlarged with a little to spare around it. ``block`` is how far such borders
are apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import gcd
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Area = tuple[slice, slice]  # rows, columns
Shape = tuple[int, ...]  # (height, width, ...)
Mask = NDArray[np.bool_]

STRIP = 32  # rows of the small picture in one piece: what they need stays in the cache
JOIN = 12  # columns of it: two pieces nearer to each other than this are made as one


@dataclass(frozen=True, slots=True)
class Tile:
    """
    A piece of the large picture.

    Attributes:
        marked: whether the mask has any of it.
        corner: row and column of its first pixel in the small picture.
        full: where it lies in the large picture.
        small: what it is enlarged from, with a block to spare where there is one.
        size: (width, height) that ``small`` becomes.
        keep: which part of that is the piece.
    """

    marked: bool
    corner: tuple[int, int]
    full: Area
    small: Area
    size: tuple[int, int]
    keep: Area

    def enlarged(self, values: NDArray[Any]) -> NDArray[Any]:
        """The piece of ``values``, (h, w, ...) of the small picture, enlarged bilinearly."""
        return cv2.resize(values[self.small], self.size)[self.keep]


def tiles(mask: Mask, full: Shape) -> Iterator[Tile]:
    """
    Pieces that together are the large picture, those with any of ``mask`` as narrow as they can be.

    Args:
        mask: (h, w).
        full: shape of the large picture that it covers.
    """
    small = mask.shape
    rows = -(-STRIP // block(small, full, 0)) * block(small, full, 0)
    for top in range(0, small[0], rows):
        bottom = min(small[0], top + rows)
        for left, right, marked in _runs(
            np.asarray(mask[top:bottom].any(axis=0)), block(small, full, 1)
        ):
            yield _tile(((top, bottom), (left, right)), marked, small, full)


def around(mask: Mask, margin: int) -> Area | None:
    """The smallest area that holds ``mask`` (h, w) and ``margin`` pixels around; None if empty."""
    spans = []
    for axis in (0, 1):
        hits = np.flatnonzero(mask.any(axis=1 - axis))
        if hits.size == 0:
            return None
        first, last = max(0, int(hits[0]) - margin), int(hits[-1]) + 1 + margin
        spans.append(slice(first, min(mask.shape[axis], last)))
    return spans[0], spans[1]


def spread(mask: Mask, reach: int) -> Mask:
    """``mask`` and all that lies up to ``reach`` pixels from it, along either axis."""
    window = np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)
    return np.asarray(cv2.dilate(mask.view(np.uint8), window), np.uint8).view(np.bool_)


def block(small: Shape, full: Shape, axis: int) -> int:
    """The fewest pixels of ``small`` that make a whole number of pixels of ``full``."""
    return small[axis] // gcd(small[axis], full[axis])


def _runs(hits: Mask, step: int) -> Iterator[tuple[int, int, bool]]:
    """Cut (w,) columns into runs with and without a hit; borders are multiples of ``step``."""
    ends = [0]
    for column in np.flatnonzero(hits.reshape(-1, step).any(axis=1)).tolist():
        first, last = column * step, (column + 1) * step
        if len(ends) > 1 and first - ends[-1] < JOIN:
            ends[-1] = last
        else:
            ends += [first, last]
    marked = False
    for left, right in zip(ends, [*ends[1:], hits.size], strict=True):
        if left < right:
            yield left, right, marked
        marked = not marked


def _tile(
    spans: tuple[tuple[int, int], tuple[int, int]], marked: bool, small: Shape, full: Shape
) -> Tile:
    sources, size, keep, onto = [], [], [], []
    for axis, (first, last) in enumerate(spans):
        step = block(small, full, axis)
        start, stop = max(0, first - step), min(small[axis], last + step)
        here, there, begin, end = (
            place * full[axis] // small[axis] for place in (first, last, start, stop)
        )
        sources.append(slice(start, stop))
        size.append(end - begin)
        keep.append(slice(here - begin, there - begin))
        onto.append(slice(here, there))
    return Tile(
        marked,
        (spans[0][0], spans[1][0]),
        (onto[0], onto[1]),
        (sources[0], sources[1]),
        (size[1], size[0]),
        (keep[0], keep[1]),
    )
