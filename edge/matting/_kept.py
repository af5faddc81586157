"""What ``auto:`` chose for a source, kept in the cache until something it depends on changes."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from edge.files import write_atomically
from edge.matting._pick import processor, versions
from edge.zoo.card import Card

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Situation:
    """What the source asks: frames of (width, height), so many a second."""

    size: tuple[int, int]
    fps: int

    def __str__(self) -> str:
        return f"{self.size[0]}x{self.size[1]} at {self.fps} fps"


class Choice(BaseModel):
    """
    Attributes:
        spec: of the model that was chosen.
        fits: whether it keeps up with the source; if not, it is sought again at the next start.
        why: in words, with figures.
        times_s: of all that were timed: of one matte.
        refused: what could not be loaded or mattes otherwise, and why.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    spec: str
    fits: bool
    why: str
    times_s: dict[str, float]
    refused: list[str]


def signature(cards: Sequence[Card], situation: Situation) -> str:
    """Of all that a choice depends on: models with their errors, runtimes, machine, source."""
    models = sorted(card.model_dump_json() for card in cards)
    parts = [models, versions(), processor(), situation.size, situation.fps]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]


def recall(cache: Path, key: str) -> Choice | None:
    """The choice of before, if it still holds."""
    return _read(_folder(cache) / f"{key}.json")


def latest(cache: Path) -> Choice | None:
    """The choice that was made or confirmed last."""
    try:
        files = sorted(_folder(cache).glob("*.json"), key=lambda file: file.stat().st_mtime_ns)
    except OSError:
        return None
    return _read(files[-1]) if files else None


def keep(cache: Path, key: str, choice: Choice) -> None:
    """Keep it, as the latest. If that fails, it is found out anew at the next start."""
    try:
        write_atomically(_folder(cache) / f"{key}.json", choice.model_dump_json(indent=1).encode())
    except OSError as error:
        logger.warning("the choice of a model cannot be kept: %s", error)


def _folder(cache: Path) -> Path:
    return cache / "auto" / "default"


def _read(file: Path) -> Choice | None:
    try:
        return Choice.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        logger.warning("the choice of before cannot be read: %s", error)
        return None
