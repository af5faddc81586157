"""One model, one frame after the other: what is known of it so far."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bench.dataset import Part, Sample
from bench.measures import boundary_iou, cut, precision_recall
from bench.measures.thresholds import LEVELS
from bench.treatments import TREATMENTS, Errors, Treated, Treatments
from edge.controls import MatteControls
from edge.errors import ModelError
from edge.matting import MattingModel
from train.evaluate.cases import Case, Shelf, draw_case
from train.evaluate.evaluation import SHARES, Curve, Evaluation, Numbers, Score
from train.evaluate.scenes import Scene, category

STRETCH = 25  # frames of a clip that are so alike that one case stands for them


@dataclass(frozen=True, slots=True)
class Plan:
    """
    Attributes:
        controls: of the refinement; those of the service by default.
        cases: how many worst and how many best pictures are kept to look at.
        clip_frames: measure at most so many frames of each clip; None for all.
        progress: show a bar on a terminal.
    """

    controls: MatteControls = MatteControls()
    cases: int = 6
    clip_frames: int | None = None
    progress: bool = True


class Measuring:
    """
    Attributes:
        left_out: name -> why it could not be measured.
    """

    def __init__(self, model: MattingModel, plan: Plan) -> None:
        self.left_out: dict[str, str] = {}
        self._model = model
        self._stream = Treatments(model, plan.controls)
        self._scores: list[Score] = []
        self._hidden: list[str] = []
        self._worst: Shelf[Case] = Shelf(plan.cases, largest=True)
        self._best: Shelf[Case] = Shelf(plan.cases, largest=False)
        self._curves = {treatment: np.zeros((3, LEVELS)) for treatment in TREATMENTS}
        self._people = 0

    def __len__(self) -> int:
        """How many pictures were measured."""
        return len(self._scores)

    def start_scene(self) -> None:
        """The next frame has nothing to do with those before."""
        self._stream.start_scene()

    def measure(self, sample: Sample, scene: Scene) -> Treated | None:
        """
        Matte and measure one frame of ``scene``.

        Returns:
            The refined matte, or None if the model's is not finite: it is left out.

        Raises:
            ModelError: the model failed.
        """
        try:
            treatments = self._stream.measure(sample.frame, sample.truth)
        except ModelError as error:
            raise ModelError(f"{sample.name}: {error}") from error
        if not all(np.isfinite(treated.matte.alpha).all() for treated in treatments.values()):
            self.left_out[sample.name] = "the model's matte is not finite"
            self._stream.start_scene()  # nothing may remember it
            return None
        numbers = {t: self._numbers(t, treated, sample) for t, treated in treatments.items()}
        self._people += sample.truth is not None
        clip = scene.name if isinstance(scene, Part) else ""
        self._scores.append(Score(sample.name, category(scene), clip, numbers))
        self._keep(sample, treatments["refined"], scene)
        return treatments["refined"]

    def result(self, name: str) -> Evaluation:
        """All of it, done."""
        card = getattr(self._model, "card", None)
        people, worst = self._people, self._worst.items()
        shown = {case.name for case in worst}  # of a small set the best are among the worst
        return Evaluation(
            name=name or getattr(card, "id", getattr(self._model, "name", "a model")),
            scores=tuple(self._scores),
            left_out=self.left_out,
            curves={
                treatment: Curve(*(sums / people))
                for treatment, sums in self._curves.items()
                if people
            },
            worst=worst,
            best=tuple(case for case in self._best.items() if case.name not in shown),
            hidden=tuple(self._hidden),
            card={} if card is None else card.model_dump(mode="json", exclude_none=True),
        )

    def _numbers(self, treatment: str, treated: Treated, sample: Sample) -> Numbers:
        """All measures of one matte; its precision and recall go into the curve."""
        alpha, truth = treated.matte.alpha, sample.truth
        if truth is None:
            return {"accuracy": cut(alpha, np.zeros_like(alpha)).accuracy, **treated.errors}
        precision, recall = precision_recall(alpha, truth)
        product, total = 2 * precision * recall, precision + recall
        f1 = np.divide(product, total, out=np.zeros(LEVELS), where=total > 0)
        self._curves[treatment] += precision, recall, f1
        counts = cut(alpha, truth)
        shares = {m: float(getattr(counts, m)) for m in SHARES if m != "boundary_iou"}
        return {**shares, "boundary_iou": boundary_iou(alpha, truth), **treated.errors}

    def _keep(self, sample: Sample, refined: Treated, scene: Scene) -> None:
        error = visible_error(refined.errors)

        def make() -> Case:
            return draw_case(sample, refined.matte, category(scene), error)

        subject = subject_of(sample, scene)
        self._worst.offer(subject, error, make)
        if sample.truth is None:
            return  # an empty room that stays empty is no feat to show
        self._best.offer(subject, error, make)
        if not refined.matte.alpha.any():
            self._hidden.append(sample.name)


def visible_error(errors: Errors) -> float:
    """What cases are chosen by: MAD x 1e3, or of a room without people its mean alpha x 1e3."""
    return errors["mad"] if "mad" in errors else errors["mean_alpha"] * 1e3


def subject_of(sample: Sample, scene: Scene) -> str:
    """The same for neighbouring frames of a clip."""
    if isinstance(scene, Part):
        return f"{scene.name}:{sample.frame.index // STRETCH}"
    return sample.name
