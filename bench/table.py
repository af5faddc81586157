"""Plain tables, a row at a time, so that a long run shows what it has."""

from __future__ import annotations

from collections.abc import Sequence


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
