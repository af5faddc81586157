"""``python -m bench follow``: what mattes that follow the motion are worth with a slow model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from bench.dataset import Part, Sample, find_parts
from bench.measures import dtssd, mad
from bench.report import load_model
from bench.table import Table
from edge.controls import MatteControls
from edge.errors import InputError
from edge.frame import Frame, Matte
from edge.matting import MattingModel
from edge.refine import Refiner, shrunk
from edge.refine.carry import Carrier

WAYS = ("own", "stays", "follows")
MEASURES = ("mad", "dtssd")


class Late:
    """
    Plays the mattes of a clip back as a model would give them that takes ``every`` frames for one.

    Args:
        mattes: of each frame, by its index.
        way: ``own``: each frame has its own; ``stays``: the newest there is yet, as it is;
            ``follows``: that one, moved to where things are now.
    """

    def __init__(self, mattes: list[tuple[Frame, Matte]], way: str, every: int) -> None:
        self._mattes, self._way, self._every = mattes, way, every
        self._carrier = Carrier()

    def matte(self, frame: Frame) -> Matte:
        """The matte that there is for ``frame``. A scene that was cut has nobody in it."""
        if self._way == "own":
            return self._mattes[frame.index][1]
        done = max(0, (frame.index // self._every - 1) * self._every)
        before, newest = self._mattes[done]
        if self._way == "stays":
            return newest
        self._carrier.keep(newest.alpha, shrunk(before.image, newest.alpha.shape))
        alpha = self._carrier.carried(shrunk(frame.image, newest.alpha.shape))
        return Matte(np.zeros_like(newest.alpha) if alpha is None else alpha)

    def reset(self) -> None:
        """Nothing to forget."""


def report_follow(data: Path, matting: str, every: int, shown: bool) -> dict[str, Any]:
    """
    Measure each clip under ``data``: refined mattes, by the defaults of the controls.

    Args:
        every: how many frames the model takes for one.

    Raises:
        InputError: there is no clip under ``data``, or ``every`` is less than 2.
        ModelError: the model failed.
    """
    clips = [part for part in find_parts(data) if part.kind == "clip"]
    if not clips:
        raise InputError(f"{data}: no clips here; wanted composite.mp4 + alpha/")
    if every < 2:
        raise InputError(f"--every {every}: wanted 2 or more frames")
    model = load_model(matting)
    table = Table(("clip", "", "MAD", "dtSSD")) if shown else None
    records = []
    for clip in clips:
        found = measure_clip(clip, model, every)
        records.append({"name": clip.name, **found})
        if table is not None:
            for way, errors in found.items():
                table.row((clip.name, way, *(f"{errors[name]:.2f}" for name in MEASURES)))
    return {"matting": matting, "every": every, "clips": records}


def measure_clip(clip: Part, model: MattingModel, every: int) -> dict[str, dict[str, float]]:
    """Way -> measure -> mean over the clip's frames."""
    samples = list(clip.samples())
    model.reset()
    shown = tqdm(samples, clip.name, unit="frame", leave=False, disable=None)
    mattes = [(sample.frame, _kept(model.matte(sample.frame))) for sample in shown]
    return {way: _errors(samples, Late(mattes, way, every)) for way in WAYS}


def _kept(matte: Matte) -> Matte:
    return Matte(matte.alpha.copy())


def _errors(samples: list[Sample], model: MattingModel) -> dict[str, float]:
    refiner, controls, before = Refiner(), MatteControls(), None
    errors: dict[str, list[float]] = {name: [] for name in MEASURES}
    for sample in samples:
        if sample.truth is None:
            continue
        alpha = refiner.refine(sample.frame, model.matte(sample.frame), controls).alpha
        errors["mad"].append(mad(alpha, sample.truth))
        if before is not None:
            errors["dtssd"].append(dtssd(alpha, before[0], sample.truth, before[1]))
        before = alpha, sample.truth
    return {name: round(float(np.mean(numbers)), 4) for name, numbers in errors.items()}
