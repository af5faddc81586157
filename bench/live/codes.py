"""
A number and a time that live in the picture, and that a lossy codec leaves readable.

64 black or white cells in two rows at the top: 16 bits of index, 32 bits of time in units of 0.1
ms, 16 bits of checksum (CRC-CCITT). At 1280x720 a cell has 32 pixels, so that the inner half of
each, which is what is read, spans whole blocks of the codec.
"""

from __future__ import annotations

import binascii
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ROWS, COLUMNS = 2, 32
TICK_NS = 100_000
SPAN_NS = TICK_NS << 32  # after five days the time starts again
MIN_SIZE = (160, 48)  # width, height: cells of four pixels

Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Code:
    """
    Attributes:
        index: of the frame, modulo 65536.
        stamp_ns: a time on the monotonic clock, rounded down to 0.1 ms, modulo ``SPAN_NS``.
    """

    index: int
    stamp_ns: int

    def age_ns(self, now_ns: int) -> int:
        """How long before ``now_ns`` the stamp is."""
        return (now_ns - self.stamp_ns) % SPAN_NS


def paint(picture: Picture, code: Code) -> None:
    """
    Write ``code`` into ``picture``.

    Args:
        picture: (H, W, 3) uint8 RGB, or (H * 3 / 2, W) uint8 I420; of ``MIN_SIZE`` at least, and
            of even sides.
    """
    levels = np.where(_bits(code), 235, 16).astype(np.uint8)  # within video's limited range
    if picture.ndim == 3:
        rows, columns, cell = _place(picture.shape[1])
        picture[rows, columns] = _enlarged(levels, cell)[..., None]
        return
    height, width = picture.shape[0] * 2 // 3, picture.shape[1]
    rows, columns, cell = _place(width)
    picture[rows, columns] = _enlarged(levels, cell)
    chroma = picture[height:].reshape(2, height // 2, width // 2)
    down, across = (slice(p.start // 2, -(-p.stop // 2)) for p in (rows, columns))
    chroma[:, down, across] = 128


def read(luma: Picture) -> Code | None:
    """
    What ``paint`` wrote.

    Args:
        luma: (H, W) uint8, the picture's brightness.

    Returns:
        None where there is no code, or one that was damaged.
    """
    rows, columns, cell = _place(luma.shape[1])
    strip = luma[rows, columns]
    if strip.shape != (ROWS * cell, COLUMNS * cell):
        return None
    inner = slice(cell // 4, cell - cell // 4)
    cells = strip.reshape(ROWS, cell, COLUMNS, cell)[:, inner][..., inner].mean(axis=(1, 3))
    bits = (cells > (cells.min() + cells.max()) / 2).ravel()
    data = np.packbits(bits).tobytes()
    if binascii.crc_hqx(data[:6], 0xFFFF) != int.from_bytes(data[6:], "big"):
        return None
    return Code(int.from_bytes(data[:2], "big"), int.from_bytes(data[2:6], "big") * TICK_NS)


def _bits(code: Code) -> NDArray[np.bool_]:
    ticks = code.stamp_ns // TICK_NS % (1 << 32)
    data = (code.index % (1 << 16)).to_bytes(2, "big") + ticks.to_bytes(4, "big")
    data += binascii.crc_hqx(data, 0xFFFF).to_bytes(2, "big")
    return np.unpackbits(np.frombuffer(data, np.uint8)).astype(bool).reshape(ROWS, COLUMNS)


def _place(width: int) -> tuple[slice, slice, int]:
    """Rows and columns of the code, and the side of a cell, in pixels."""
    cell = width // 40 // 2 * 2
    top, left = cell // 2, (width - COLUMNS * cell) // 2
    return slice(top, top + ROWS * cell), slice(left, left + COLUMNS * cell), cell


def _enlarged(levels: Picture, cell: int) -> Picture:
    return levels.repeat(cell, axis=0).repeat(cell, axis=1)
