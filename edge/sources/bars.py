"""``bars:?size=384x96&fps=30``: moving bars that carry the frame's index, for tests and benches."""

from __future__ import annotations

import numpy as np

from edge.errors import InputError
from edge.frame import Rgb
from edge.sources import Granted, _options
from edge.sources._drawn import Drawn

BITS = 12  # the index is written modulo 4096
BAR_PX = 32


def make(argument: str) -> Drawn:
    """Raises InputError."""
    target, options = _options.split(argument, ("size", "fps"))
    if target:
        raise InputError(f"bars:{target}: wanted bars:, and options after a ?")
    size = _options.size(options.get("size", "384x96"))
    fps = _options.fps(options.get("fps", "30"))
    if size[0] < BITS * 16:
        raise InputError(f"size={size[0]}x{size[1]}: wanted at least {BITS * 16} wide")
    return Drawn("Test bars", lambda index: paint(index, size), Granted(*size, fps, None))


def paint(index: int, size: tuple[int, int] = (384, 96)) -> Rgb:
    """A (height, width, 3) picture: the index as black and white cells, moving bars below."""
    width, height = size
    cell = width // BITS
    across = (np.arange(width) + 4 * index) // BAR_PX % 3
    image = np.zeros((height, width, 3), np.uint8)
    image[:, np.arange(width), across] = 160
    image += 48
    bits = np.repeat([255 * (index >> bit & 1) for bit in range(BITS)], cell)
    image[: min(cell, height), : BITS * cell] = bits[None, :, None]
    return image


def read_index(image: Rgb) -> int:
    """The index, modulo 4096, that ``paint`` wrote. It survives a video codec and scaling."""
    cell = image.shape[1] // BITS
    row = image[min(cell, image.shape[0]) // 2, :, 1]
    cells = [
        row[bit * cell + cell // 4 : (bit + 1) * cell - cell // 4].mean() for bit in range(BITS)
    ]
    return sum(1 << bit for bit, value in enumerate(cells) if value > 127)
