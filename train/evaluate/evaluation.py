"""What came of an evaluation: one row of numbers per picture, curves, and cases to look at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bench.measures.thresholds import LEVELS
from bench.treatments import TREATMENTS
from train.evaluate.cases import Case

SHARES = ("accuracy", "f1", "jaccard", "recall", "precision", "boundary_iou")  # more is better
ERRORS = ("mad", "mse", "sad", "grad", "conn", "dtssd", "mean_alpha")  # less is better
MEASURES = (*SHARES, *ERRORS)  # in the order of the tables
UNITS = {
    **dict.fromkeys(SHARES, "0 to 1"),
    "mad": "x 1e3",
    "mse": "x 1e3",
    "sad": "/ 1e3",
    "grad": "/ 1e3",
    "conn": "/ 1e3",
    "dtssd": "x 1e2",
    "mean_alpha": "0 to 1",
}

Numbers = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Score:
    """
    One picture's, or one frame's.

    Attributes:
        clip: the clip it is a frame of, or "".
        treatments: ``raw`` (the model's alpha, enlarged linearly) and ``refined`` (as the service
            shows it), each measure -> number. Of a picture that shows nobody only ``mean_alpha``
            and ``accuracy``; ``dtssd`` only of a clip's frames after the first.
    """

    name: str
    category: str
    clip: str
    treatments: Mapping[str, Numbers]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """
    Means over the pictures with somebody in them, cut at each threshold k / 255.

    Attributes:
        precision, recall, f1: (LEVELS,) each.
    """

    precision: NDArray[np.float64]
    recall: NDArray[np.float64]
    f1: NDArray[np.float64]

    @property
    def best(self) -> tuple[float, float]:
        """(threshold, F1) at which F1 is highest."""
        level = int(self.f1.argmax())
        return level / (LEVELS - 1), float(self.f1[level])


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """
    Of one model on one set.

    Attributes:
        name: of the model, for people.
        scores: in the order of the set.
        left_out: name -> why it could not be measured.
        curves: treatment -> its curve; empty where no picture shows anybody.
        worst, best: by the refined matte's error, the most extreme first.
        hidden: names of people of whom refinement left nothing.
        card: of the model, as JSON's types, or empty.
    """

    name: str
    scores: tuple[Score, ...]
    left_out: Mapping[str, str] = field(default_factory=dict)
    curves: Mapping[str, Curve] = field(default_factory=dict)
    worst: tuple[Case, ...] = ()
    best: tuple[Case, ...] = ()
    hidden: tuple[str, ...] = ()
    card: Mapping[str, object] = field(default_factory=dict)

    def categories(self) -> list[str]:
        """In the order of their first picture."""
        return list(dict.fromkeys(score.category for score in self.scores))

    def numbers(self, treatment: str, measure: str, category: str | None = None) -> list[float]:
        """One measure of all pictures (of ``category``) that have it, in their order."""
        return [
            score.treatments[treatment][measure]
            for score in self.scores
            if measure in score.treatments[treatment] and category in (None, score.category)
        ]

    def summary(self, treatment: str, category: str | None = None) -> dict[str, dict[str, float]]:
        """
        Measure -> its mean (what papers print) and median (what a typical picture has).

        Shares and errors are of pictures with somebody in them alone, except ``accuracy`` of a
        category that shows nobody, and ``mean_alpha``, which is of rooms without people.
        """
        found = {m: self.numbers(treatment, m, category) for m in MEASURES}
        if category is None:
            people = [s for s in self.scores if "mad" in s.treatments[treatment]]
            found["accuracy"] = [s.treatments[treatment]["accuracy"] for s in people]
        return {
            measure: {
                "mean": round(float(np.mean(values)), 4),
                "median": round(float(np.median(values)), 4),
            }
            for measure, values in found.items()
            if values
        }

    def to_json(self) -> dict[str, object]:
        """The summaries, ready for JSON."""
        each = {c: {t: self.summary(t, c) for t in TREATMENTS} for c in self.categories()}
        return {
            "model": self.name,
            "pictures": len(self.scores),
            "left_out": dict(self.left_out),
            "hidden": list(self.hidden),
            "units": UNITS,
            **{treatment: self.summary(treatment) for treatment in TREATMENTS},
            "categories": each,
            "best_threshold": {
                t: {"threshold": round(c.best[0], 4), "f1": round(c.best[1], 4)}
                for t, c in self.curves.items()
            },
            "card": dict(self.card),
        }
