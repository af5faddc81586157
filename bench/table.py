"""Plain tables, a row at a time, so that a long run shows what it has; and what a row sums up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


class Table:
    """
    Args:
        head: the columns' names. The first is left-aligned and as wide as ``first``.
    """

    def __init__(self, head: Sequence[str], first: int = 24) -> None:
        self._widths = [first, *(max(9, len(name) + 1) for name in head[1:])]
        self.row(head)

    def row(self, cells: Sequence[str]) -> None:
        """Print one row at once."""
        rest = zip(cells[1:], self._widths[1:], strict=True)
        line = cells[0].ljust(self._widths[0]) + "".join(cell.rjust(w) for cell, w in rest)
        print(line.rstrip(), flush=True)


def spread(values: Sequence[float]) -> dict[str, float]:
    """Median, least and most of the rounds."""
    return {
        "median": round(float(np.median(values)), 3),
        "least": round(min(values), 3),
        "most": round(max(values), 3),
    }
