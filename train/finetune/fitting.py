"""The fit itself: from the project's own weights, gently, for the minutes given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from convert.networks import make
from train.data.records import Record
from train.errors import ConfigError, DataError
from train.finetune.labels import divide
from train.fit.command import fit
from train.fit.config import Config, Data, Fit
from train.fit.config import Network as Start

FEWEST = 10  # frames with somebody: fewer show no more than one pose
SIDE = 416  # pixels: what a fit keeps of a picture
WIDE, TALL, SQUARE = (320, 192), (192, 320), (256, 256)  # (width, height) of inputs
BF16 = ("avx512_bf16", "amx_bf16", "bf16")  # as PyTorch names what CPUs can do
STEPS = 100_000  # a limit; the minutes decide


@dataclass(frozen=True, slots=True)
class Gentle:
    """
    How to fit without losing what the weights know already.

    Attributes:
        minutes: for the fit alone.
        learning_rate: a tenth of that of a fit from the start.
        batch: pictures in a step.
    """

    minutes: float
    learning_rate: float = 1e-4
    batch: int = 8


def shape_of(sizes: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The input (width, height) for frames of these sizes: that of most of them."""
    aspects = sorted(width / height for width, height in sizes)
    aspect = aspects[len(aspects) // 2]
    if aspect > 1.15:
        return WIDE
    return TALL if aspect < 1 / 1.15 else SQUARE


def fit_to(
    records: Sequence[Record],
    start: tuple[str, Path],
    size: tuple[int, int],
    how: Gentle,
    run: Path,
) -> tuple[Path, tuple[str, ...]]:
    """
    Fit to the labelled frames of ``run``, or go on where a killed run was.

    Args:
        start: the network and its weights.

    Returns:
        The best weights, and the names of the frames that were held out.

    Raises:
        DataError: too few frames with somebody.
        TrainError: see ``train.errors``.
    """
    people = sum(not record.background for record in records)
    if people < FEWEST:
        raise DataError(
            f"{people} frames with somebody in them; wanted {FEWEST} or more, better 60, of people "
            "who move and sit as they will: python -m train capture --output DIR"
        )
    name, weights = start
    make(name).check_size(*size)
    held = divide(records)
    # One folder further in: a fit keeps its pictures beside its folder, and these are private.
    fit(_config(start, size, how, run), run / "fit", held)
    best = run / "fit" / "best.pt"
    if not best.exists():
        raise ConfigError(f"--minutes {how.minutes:g} ended before the first validation: give more")
    return best, held


def _config(start: tuple[str, Path], size: tuple[int, int], how: Gentle, run: Path) -> Config:
    name, weights = start
    return Config(
        network=Start(name=name, start=str(weights.resolve())),
        data=Data(
            index=run / "labels",
            sizes=(size,),
            side=SIDE,
            composited=0.35,  # most rooms are this room: as taken, and put before itself, empty
            empty=0.15,
            pairs=0.25,
            validate_on=24,
        ),
        fit=Fit(
            steps=STEPS,
            minutes=how.minutes,
            epoch=25,
            checkpoint=25,
            batch=how.batch,
            learning_rate=how.learning_rate,
            warm_up=30,
            ema=0.98,
            precision="bf16" if _counts_in_bf16() else "fp32",
            workers=0,
        ),
    )


def _counts_in_bf16() -> bool:
    """Whether bf16 is quicker here than fp32; a CPU without it only imitates it."""
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    known = torch.cpu.get_capabilities()
    return any(known.get(name, False) for name in BF16)
