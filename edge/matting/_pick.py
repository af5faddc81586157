"""What ``auto:`` found out, kept in the cache until something it depends on changes."""

from __future__ import annotations

import hashlib
import json
import logging
import platform
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from edge.cuda.driver import require_gpu
from edge.errors import EdgeError
from edge.files import write_atomically
from edge.zoo import Zoo
from edge.zoo.card import Card
from edge.zoo.card_file import read_card

logger = logging.getLogger(__name__)

RUNTIMES = ("onnxruntime", "onnxruntime-gpu", "openvino", "tensorrt", "numpy", "edge-matting")


class Pick(BaseModel):
    """
    Attributes:
        spec: of the model that was picked.
        why: in words.
        times_s: median time of one matte, of all that passed.
        refused: what did not pass or run, and why.
        picked_at: seconds since 1970.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    spec: str
    why: str
    times_s: dict[str, float]
    refused: list[str]
    picked_at: float


def converted(cache: Path) -> Path:
    """Where ``python -m convert all`` puts its products."""
    return cache / "converted"


def products(zoo: Zoo, name: str) -> list[tuple[Path, Card]]:
    """What was made of the very file that the zoo has of this model: in the cache, or shipped."""
    wanted = zoo.card(name)
    beside = [(each, zoo.own(each.id)) for each in zoo.cards() if each.id != name]
    found = [own for each, own in beside if own and _same(each, wanted)]
    for path in sorted([*converted(zoo.cache).glob("*.onnx"), *converted(zoo.cache).glob("*.xml")]):
        try:
            card = read_card(path, "")
        except EdgeError as error:
            logger.warning("%s is left out: %s", path, error)
            continue
        if _same(card, wanted):
            found.append((path, card))
    return found


def _same(card: Card, wanted: Card) -> bool:
    """Of the same weights, fed in the same way."""
    return card.origin.sha256 == wanted.origin.sha256 and card.input == wanted.input


def signature(card: Card, made: Sequence[tuple[Path, Card]]) -> str:
    """Of all that a pick depends on: files, runtimes, processor, GPU."""
    parts = [card.id, card.sha256, [each.sha256 for _, each in made], versions(), processor()]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]


def recall(cache: Path, key: str) -> Pick | None:
    """The pick of before, if it still holds."""
    try:
        return Pick.model_validate_json(_place(cache, key).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        logger.warning("the pick of before cannot be read: %s", error)
        return None


def remember(cache: Path, key: str, pick: Pick) -> None:
    """Keep it. If that fails, it is found out anew at the next start."""
    try:
        write_atomically(_place(cache, key), pick.model_dump_json(indent=1).encode())
    except OSError as error:
        logger.warning("the pick cannot be kept: %s", error)


def _place(cache: Path, key: str) -> Path:
    return cache / "auto" / f"{key}.json"


def versions() -> dict[str, str]:
    """Of the runtimes that are installed."""
    found = {}
    for name in RUNTIMES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def processor() -> list[str]:
    """What tells this machine from others: its cores, what they can do, its GPU."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = sorted({line for line in lines if line.startswith(("model name", "flags", "Features"))})
    try:
        gpu = str(require_gpu())
    except EdgeError:
        gpu = ""
    return [
        platform.machine(),
        str(sum(line.startswith("processor") for line in lines)),
        *names,
        gpu,
    ]
