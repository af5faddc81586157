"""Limits work at the frame's size to the part of the picture that needs it."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd

import numpy as np
from numpy.typing import NDArray

Area = tuple[slice, slice]  # rows, columns
Shape = tuple[int, ...]  # (height, width, ...)

STRIP = 64  # rows of the small picture enlarged at once: what they need stays in the cache


def aligned_area(mask: NDArray[np.bool_], full: Shape, margin: int) -> Area | None:
    """
    The smallest area around ``mask`` whose borders fall between whole pixels of ``full``.

    Args:
        mask: (h, w).
        full: shape of the large picture that ``mask`` covers.
        margin: pixels of ``mask`` to keep free around it, where there are any.

    Returns:
        Rows and columns of ``mask``, or None where it is empty.
    """
    spans = []
    for axis in (0, 1):
        hits = np.flatnonzero(mask.any(axis=1 - axis))
        if hits.size == 0:
            return None
        length, step = mask.shape[axis], block(mask.shape, full, axis)
        first = max(0, int(hits[0]) - margin) // step * step
        last = min(length, -(-(int(hits[-1]) + 1 + margin) // step) * step)
        spans.append(slice(first, last))
    return spans[0], spans[1]


def enlarged(area: Area, small: Shape, full: Shape) -> Area:
    """The pixels of ``full`` that an aligned ``area`` of ``small`` covers."""
    rows, columns = (
        slice(span.start * full[axis] // small[axis], span.stop * full[axis] // small[axis])
        for axis, span in enumerate(area)
    )
    return rows, columns


def block(small: Shape, full: Shape, axis: int) -> int:
    """The fewest pixels of ``small`` that make a whole number of pixels of ``full``."""
    return small[axis] // gcd(small[axis], full[axis])


def strips(small: Shape, full: Shape) -> Iterator[tuple[slice, slice, slice]]:
    """
    Cut an enlargement into horizontal strips, which join without a seam.

    Args:
        small: shape of an aligned area.
        full: shape of what it covers.

    Yields:
        Rows of ``small`` to enlarge, with a block to spare on both sides; the rows of the result
        to keep; and the rows of ``full`` that these are.
    """
    step = block(small, full, 0)
    rows = -(-STRIP // step) * step
    for first in range(0, small[0], rows):
        last = min(small[0], first + rows)
        start, stop = max(0, first - step), min(small[0], last + step)
        top, bottom = (row * full[0] // small[0] for row in (first, last))
        above = start * full[0] // small[0]
        yield slice(start, stop), slice(top - above, bottom - above), slice(top, bottom)


def enlarged_height(rows: slice, small: Shape, full: Shape) -> int:
    """How many rows of ``full`` the aligned ``rows`` of ``small`` cover."""
    return int((rows.stop - rows.start) * full[0] // small[0])
