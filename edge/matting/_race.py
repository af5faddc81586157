"""Models raced against each other on the same frames, by turns, so that a busy moment hits all."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import numpy as np

from edge.drawn.presenter import paint
from edge.frame import Frame
from edge.matting import MattingModel
from edge.parity import Difference, difference, together

SIZE = (1280, 720)
SHOWN = (0, 75, 130, 200, 260, 320)  # frames of the presenter: at rest, waving, turned, blinking
WARM_UP = 2  # rounds that are not counted: first runs load kernels and touch fresh memory
ROUNDS = 7


def frames() -> list[Frame]:
    """The drawn presenter in a drawn room: pictures that every machine has."""
    return [Frame(paint(index, SIZE)[0], index, index) for index in SHOWN]


def compared(model: MattingModel, reference: MattingModel, pictures: Sequence[Frame]) -> Difference:
    """
    How far the model's alpha is from the reference's.

    Raises:
        ModelError: one of them failed.
        ValueError: their mattes have different sizes.
    """
    each = []
    for picture in pictures:
        model.reset()
        reference.reset()
        each.append(difference(model.matte(picture).alpha, reference.matte(picture).alpha))
    return together(each)


def race(
    models: Mapping[str, MattingModel], pictures: Sequence[Frame], rounds: int = ROUNDS
) -> dict[str, float]:
    """
    Median time of one matte in seconds, frame fitting included.

    Raises:
        ModelError: one of them failed.
    """
    times_s: dict[str, list[float]] = {name: [] for name in models}
    for turn in range(WARM_UP + rounds):
        picture = pictures[turn % len(pictures)]
        for name, model in models.items():
            start = time.perf_counter()
            model.matte(picture)
            if turn >= WARM_UP:
                times_s[name].append(time.perf_counter() - start)
    return {name: float(np.median(times)) for name, times in times_s.items()}
