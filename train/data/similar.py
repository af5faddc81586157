"""Near-duplicates, by a perceptual hash; and groups that no split may tear."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.frame import Rgb

SIDE = 32  # pixels that the hash looks at
KEPT = 8  # lowest frequencies per axis: 64 bits
NEAR = 6  # bits of difference up to which two pictures are one (Zauner 2010 uses up to 22 %)


def perceptual_hash(image: Rgb) -> int:
    """
    64 bits that survive scaling, compression and slight colour changes.

    The signs of the lowest DCT coefficients around their median (Zauner, "Implementation and
    Benchmarking of Perceptual Image Hash Functions", 2010).
    """
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    low = cv2.dct(small.astype(np.float32))[:KEPT, :KEPT].ravel()
    bits = low > np.median(low[1:])
    return int("".join("1" if bit else "0" for bit in bits), 2)


def bits_apart(first: int, second: int) -> int:
    """In how many bits two perceptual hashes differ."""
    return (first ^ second).bit_count()


def near_pairs(hashes: Sequence[int], distance: int = NEAR) -> list[tuple[int, int]]:
    """The numbers (i, j), i < j, of all pairs whose hashes differ in at most ``distance`` bits."""
    values = np.array(hashes, np.uint64)
    found: list[tuple[int, int]] = []
    for i in range(len(values) - 1):
        bits: NDArray[np.uint8] = np.bitwise_count(values[i + 1 :] ^ values[i])
        found += [(i, i + 1 + int(j)) for j in np.flatnonzero(bits <= distance)]
    return found


def components(count: int, links: Iterable[tuple[int, int]]) -> list[int]:
    """For each of ``count`` things the smallest number of those it is linked to, also by others."""
    root = list(range(count))

    def find(i: int) -> int:
        while root[i] != i:
            root[i] = root[root[i]]
            i = root[i]
        return i

    for a, b in links:
        low, high = sorted((find(a), find(b)))
        root[high] = low
    return [find(i) for i in range(count)]
