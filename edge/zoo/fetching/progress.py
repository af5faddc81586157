"""How far a download is: told to a caller, or drawn on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from tqdm import tqdm

Progress: TypeAlias = "Callable[[int, int | None], None]"
"""Called with the bytes so far (from 0 again for another source) and in all, where known."""


@contextmanager
def shown(label: str, progress: Progress | None) -> Iterator[Progress]:
    """``progress`` itself; or, if None, a bar on the terminal; or nothing where there is none."""
    if progress is not None:
        yield progress
    elif sys.stderr.isatty():
        with tqdm(desc=label, unit="B", unit_scale=True, unit_divisor=1000, leave=False) as bar:

            def draw(done: int, total: int | None) -> None:
                bar.total = total
                bar.update(done - bar.n)

            yield draw
    else:
        yield _ignore


def _ignore(done: int, total: int | None) -> None:
    """A log is no place for a bar."""
