"""Viewers who come and go as they do in months: some say so, some do not, some are cut off."""

from __future__ import annotations

import random
from itertools import cycle
from typing import Any

from bench.live.program import Program

MOST = 4
WAYS = ("leave", "vanish", "kill")


class Visits:
    """
    A process of viewers; runs from entering to leaving the ``with`` block.

    Args:
        url: of the service.
        dice: decides how many come and how they go.

    Attributes:
        counts: how many went in which way.
    """

    def __init__(self, url: str, dice: random.Random) -> None:
        self._url = url
        self._dice = dice
        self._program = self._new()
        self._ways = cycle(WAYS)
        self.counts = dict.fromkeys(WAYS, 0)

    def __enter__(self) -> Visits:
        self._program.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._program.__exit__()

    def come(self) -> int:
        """One to four join. Raises InputError when they are refused."""
        count = self._dice.randint(1, MOST)
        self._program.ask("join", count=count)
        return count

    def go(self, count: int) -> None:
        """All ``count`` are gone: with a DELETE, with a closed connection, or without a word."""
        way = next(self._ways)
        self.counts[way] += count
        if way == "kill":
            self._program.kill()
            self._program.__exit__()
            self._program = self._new()
            self._program.__enter__()
        else:
            self._program.ask("join", count=0, told=way == "leave")

    def _new(self) -> Program:
        return Program.of_bench("bench.live.counting", self._url)


def change(dice: random.Random, backgrounds: list[str]) -> dict[str, Any]:
    """What somebody may change on the page."""
    kinds: list[dict[str, Any]] = [
        {"background": dice.choice([*backgrounds, "color:00b140", "blur:45"])},
        {"mirror": dice.random() < 0.5},
        {"matte": {"threshold": round(dice.uniform(0.3, 0.7), 2)}},
        {"matte": {"temporal": round(dice.uniform(0, 0.9), 2)}},
    ]
    return dice.choice(kinds)
