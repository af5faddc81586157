"""``python -m bench quality``: how far the mattes are from the truth, raw and refined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from tqdm import tqdm

from bench.dataset import Part
from bench.treatments import TREATMENTS, Treatments
from edge.controls import MatteControls
from edge.matting import MattingModel

COLUMNS = ("mad", "mse", "grad", "conn", "dtssd", "mean_alpha")  # in the order of the tables


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
    measured, stream = Measured(part), Treatments(model, controls)
    stream.start_scene()
    shown = tqdm(part.samples(), part.name, len(part), unit="frame", leave=False, disable=None)
    for sample in shown:
        if part.kind != "clip":
            stream.start_scene()
        treatments = stream.measure(sample.frame, sample.truth)
        for treatment, treated in treatments.items():
            measured.add(treatment, treated.errors)
        refined = treatments["refined"].matte.alpha
        measured.hidden += sample.truth is not None and not refined.any()
    return measured
