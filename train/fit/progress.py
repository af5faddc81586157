"""What a run tells while it goes: a CSV, TensorBoard where it is installed, contact sheets."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from edge.files import write_atomically


class Log:
    """
    ``NAME.csv``, one row per call, and the same numbers for TensorBoard.

    Args:
        folder: of the run.
        name: of the series, such as ``steps``.
        step: that the run goes on from: rows of later ones were lost with the kill, and go.
    """

    def __init__(self, folder: Path, name: str, step: int) -> None:
        self._path, self._name = folder / f"{name}.csv", name
        self._columns = self._keep(step)
        self._file = self._path.open("a", newline="")
        self._board = _board(folder / "tensorboard", step)

    def write(self, step: int, values: dict[str, float]) -> None:
        """Add a row; the first row of a file decides its columns."""
        if not self._columns:
            self._columns = ["step", *values]
            csv.writer(self._file).writerow(self._columns)
        row = {"step": str(step), **{key: f"{value:.6g}" for key, value in values.items()}}
        csv.writer(self._file).writerow([row.get(column, "") for column in self._columns])
        self._file.flush()
        if self._board is not None:
            for key, value in values.items():
                self._board.add_scalar(f"{self._name}/{key}", value, step)

    def close(self) -> None:
        """Nothing is written after it."""
        self._file.close()
        if self._board is not None:
            self._board.close()

    def __enter__(self) -> Log:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _keep(self, step: int) -> list[str]:
        """Cut the file off after ``step``; gives its columns."""
        if not self._path.exists():
            return []
        *lines, _ = self._path.read_text().split("\n")  # what no line end follows was cut off
        rows = [line for line in lines[1:] if line.split(",", 1)[0].isdigit()]
        kept = [line for line in rows if int(line.split(",", 1)[0]) <= step]
        write_atomically(self._path, "".join(f"{line}\n" for line in [*lines[:1], *kept]).encode())
        return lines[0].split(",") if lines else []


def _board(folder: Path, step: int) -> Any:
    """A ``SummaryWriter``, or None without TensorBoard."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return None
    return SummaryWriter(str(folder), purge_step=step + 1)
