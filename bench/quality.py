"""``python -m bench quality``: how far the mattes are from the truth, raw and refined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from tqdm import tqdm

from bench.dataset import Part, Sample
from bench.measures import conn, dtssd, grad, mad, mse
from edge.controls import MatteControls
from edge.frame import Alpha, Matte
from edge.matting import MattingModel
from edge.refine import Refiner
from edge.refine.guided import linear_upsample

COLUMNS = ("mad", "mse", "grad", "conn", "dtssd", "mean_alpha")  # in the order of the tables
TREATMENTS = ("raw", "refined")  # the model's alpha enlarged linearly; and as the service shows it


@dataclass(slots=True)
class Measured:
    """What was measured of one part: treatment -> measure -> one number for each sample."""

    part: Part
    numbers: dict[str, dict[str, list[float]]] = field(
        default_factory=lambda: {treatment: {} for treatment in TREATMENTS}
    )
    hidden: int = 0  # samples with a person of whom refinement left nothing

    def add(self, treatment: str, numbers: dict[str, float]) -> None:
        """Add one sample's."""
        for name, number in numbers.items():
            self.numbers[treatment].setdefault(name, []).append(number)

    def summary(self, treatment: str) -> dict[str, dict[str, float]]:
        """Measure -> its mean (what papers print) and median (what a typical sample has)."""
        return {
            name: {
                "mean": round(float(np.mean(self.numbers[treatment][name])), 4),
                "median": round(float(np.median(self.numbers[treatment][name])), 4),
            }
            for name in COLUMNS
            if name in self.numbers[treatment]
        }


def measure(parts: list[Part], model: MattingModel, controls: MatteControls) -> Iterator[Measured]:
    """
    Matte, refine and measure each part at its pictures' own size, one part after the other.

    Raises:
        InputError: the data is broken.
        ModelError: the model failed.
    """
    for part in parts:
        yield _measure(part, model, controls)


def _measure(part: Part, model: MattingModel, controls: MatteControls) -> Measured:
    measured, refiner = Measured(part), Refiner()
    before: dict[str, tuple[Alpha, Alpha]] = {}
    model.reset()
    shown = tqdm(part.samples(), part.name, len(part), unit="frame", leave=False, disable=None)
    for sample in shown:
        if part.kind != "clip":
            model.reset()
            refiner.reset()
            before.clear()
        matte = model.matte(sample.frame)
        refined = refiner.refine(sample.frame, matte, controls).alpha
        measured.hidden += sample.truth is not None and not refined.any()
        for treatment, alpha in zip(TREATMENTS, (_raw(matte, sample), refined), strict=True):
            measured.add(treatment, _compare(alpha, sample.truth))
            if sample.truth is None:
                continue
            if treatment in before:
                flicker = dtssd(alpha, before[treatment][0], sample.truth, before[treatment][1])
                measured.add(treatment, {"dtssd": flicker})
            before[treatment] = alpha, sample.truth
    return measured


def _raw(matte: Matte, sample: Sample) -> Alpha:
    return linear_upsample(matte.alpha, sample.frame.size)


def _compare(alpha: Alpha, truth: Alpha | None) -> dict[str, float]:
    if truth is None:
        return {"mean_alpha": float(alpha.mean(dtype=np.float64))}
    return {
        "mad": mad(alpha, truth),
        "mse": mse(alpha, truth),
        "grad": grad(alpha, truth),
        "conn": conn(alpha, truth),
    }
