"""What a run did, in plain words, for whoever started it."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from train.fit.config import Config

START = "start.txt"  # what the run started from; one that is resumed tells it, too
NAMED = 10  # pictures that are left out, before they are only counted


@dataclass(frozen=True, slots=True)
class Pictures:
    """
    What was made of the data set.

    Attributes:
        people, rooms: how many are learned from.
        held: how many of both are held out.
        left_out: name and reason of each that is not used.
    """

    people: int
    rooms: int
    held: int
    left_out: Mapping[str, str]

    def told(self) -> str:
        """In words; the names of some of those that are left out."""
        rooms = f" and {self.rooms} of empty rooms" if self.rooms else ""
        many = "picture" if self.people == 1 else "pictures"
        said = f"Learned from {self.people} {many} of people{rooms}; held out: {self.held}"
        if self.left_out:
            said += f"; left out: {len(self.left_out)}\n{listed(self.left_out)}"
        if not self.rooms:
            said += (
                "\nNo background/ folder with pictures of empty rooms: it was not taught that "
                "nobody may be there"
            )
        return said


def listed(left_out: Mapping[str, str]) -> str:
    """A line per picture: name and reason; of many only some."""
    lines = [f"  {name}: {reason}" for name, reason in list(left_out.items())[:NAMED]]
    if len(left_out) > NAMED:
        lines.append(f"  and {len(left_out) - NAMED} more")
    return "\n".join(lines)


def account(config: Config, folder: Path, pictures: Pictures, ended: str) -> str:
    """
    What came of a run.

    Args:
        folder: the run's, with its logs.
        ended: why, how long and on what, such as ``done after 400 steps in 3.0 min``.
    """
    start = folder / START
    begun = start.read_text().strip() if start.exists() else "from where it was"
    return "\n".join(
        [
            f"{config.network.name}, {begun}: {ended}",
            pictures.told(),
            _scores(folder / "validations.csv"),
            *_next(config, folder),
        ]
    )


def _scores(path: Path) -> str:
    """From the first to the best."""
    rows = list(csv.DictReader(path.open())) if path.exists() else []
    if not rows:
        return "It ended before it was measured"
    best = min(rows, key=lambda row: float(row["score"]))
    parts = ", ".join(f"{kind} {float(best[kind]):.1f}" for kind in _kinds(best))
    said = (
        "Error on those held out (mean difference of alpha x 1000, lower is better): "
        f"{float(rows[0]['score']):.1f} at first, {float(best['score']):.1f} at best, "
        f"after step {best['step']} ({parts})"
    )
    if len(rows) > 1 and best is rows[0]:
        said += ". Nothing it learned made them better: give it more time, or more pictures"
    return said


def _kinds(row: Mapping[str, str]) -> Sequence[str]:
    return [name for name, value in row.items() if value and name not in ("step", "score")]


def _next(config: Config, folder: Path) -> list[str]:
    weights, name = folder / "best.pt", config.network.name
    width, height = config.data.sizes[0]
    size = f"{height}x{width}"
    return [
        f"The weights: {weights}. What they make of pictures held out: {folder / 'sheets'}",
        "Next:",
        f"  python -m train evaluate --model {weights} --size {size} --data {config.data.index} "
        f"--held-out {config.data.held_out:g}",
        f"  python -m convert onnx --model {name} --size {size} --weights {weights}",
        f"  python -m edge --matting onnx:converted/{name}-{size}-fp32.onnx",
    ]
