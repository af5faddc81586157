"""Two models on the same pictures: what the second changed."""

from __future__ import annotations

from dataclasses import dataclass

from bench.treatments import TREATMENTS
from train.evaluate.cases import Case
from train.evaluate.evaluation import MEASURES, Evaluation

SAME = 0.5  # MAD x 1e3 within which a picture counts as unchanged


@dataclass(frozen=True, slots=True)
class Pair:
    """One picture, as two models matted it."""

    before: Case
    after: Case

    @property
    def gain(self) -> float:
        """By how much the error fell; negative where it rose."""
        return self.before.error - self.after.error


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """
    Attributes:
        gained, lost: the pictures whose error fell, and rose, most, refined.
    """

    before: Evaluation
    after: Evaluation
    gained: tuple[Pair, ...] = ()
    lost: tuple[Pair, ...] = ()

    def changes(self, treatment: str) -> dict[str, tuple[float, float]]:
        """Measure -> (mean before, mean after), of those that both have."""
        first, second = self.before.summary(treatment), self.after.summary(treatment)
        return {
            m: (first[m]["mean"], second[m]["mean"]) for m in MEASURES if m in first and m in second
        }

    def verdicts(self, treatment: str = "refined") -> dict[str, int]:
        """How many pictures with somebody in them became ``better``, ``worse`` or are ``same``."""
        was = {
            score.name: score.treatments[treatment]["mad"]
            for score in self.before.scores
            if "mad" in score.treatments[treatment]
        }
        counts = {"better": 0, "same": 0, "worse": 0}
        for score in self.after.scores:
            if score.name in was and "mad" in score.treatments[treatment]:
                change = score.treatments[treatment]["mad"] - was[score.name]
                counts["same" if abs(change) <= SAME else "worse" if change > 0 else "better"] += 1
        return counts

    def to_json(self) -> dict[str, object]:
        """Both summaries and what changed, ready for JSON."""
        return {
            "before": self.before.to_json(),
            "after": self.after.to_json(),
            "verdicts": {treatment: self.verdicts(treatment) for treatment in TREATMENTS},
            "gained": {pair.after.name: round(pair.gain, 3) for pair in self.gained},
            "lost": {pair.after.name: round(pair.gain, 3) for pair in self.lost},
        }
