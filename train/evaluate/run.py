"""Every scene through the model, measured and let go: memory does not grow with the pictures."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from tqdm import tqdm

from bench.dataset import Part, Sample
from bench.measures import boundary_iou, cut, precision_recall
from bench.measures.thresholds import LEVELS
from bench.treatments import TREATMENTS, Treated, Treatments
from edge.controls import MatteControls
from edge.errors import InputError, ModelError
from edge.matting import MattingModel
from train.errors import DataError
from train.evaluate.cases import Case, Shelf, draw_case
from train.evaluate.evaluation import SHARES, Curve, Evaluation, Numbers, Score
from train.evaluate.scenes import Scene, category, frames, samples

STRETCH = 25  # frames of a clip that are so alike that one case stands for them
NAMED = 3  # reasons that a message gives


@dataclass(frozen=True, slots=True)
class Plan:
    """
    Attributes:
        controls: of the refinement; those of the service by default.
        cases: how many worst and how many best pictures are kept to look at.
        clip_frames: measure at most so many frames of each clip; None for all.
        watch: names of pictures to keep as cases whatever comes of them.
        progress: show a bar on a terminal.
    """

    controls: MatteControls = MatteControls()
    cases: int = 6
    clip_frames: int | None = None
    watch: Collection[str] = ()
    progress: bool = True


def evaluate(
    model: MattingModel, scenes: Sequence[Scene], name: str = "", plan: Plan | None = None
) -> Evaluation:
    """
    Measure ``model`` on ``scenes``, each at its own size, raw and refined.

    What cannot be read, or has no truth of its size, is left out and named; so is a matte that is
    not finite, which the service would not show.

    Args:
        scenes: records of ``train.data`` (those of the background category show nobody), and clips.
        name: of the model, for people.

    Raises:
        DataError: nothing could be measured.
        ModelError: the model failed on a picture, which is named.
    """
    work = _Work(model, plan or Plan())
    total = sum(work.count(scene) for scene in scenes)
    with tqdm(
        total=total, desc=name or "evaluate", unit="picture", disable=_quiet(work.plan)
    ) as bar:
        for scene in scenes:
            work.measure(scene, bar)
    if not work.scores:
        reasons = "; ".join(list(work.left_out.values())[:NAMED]) or "the set is empty"
        raise DataError(f"none of {len(scenes)} scenes could be measured: {reasons}")
    return work.result(name)


def _quiet(plan: Plan) -> bool | None:
    """What ``tqdm`` takes as ``disable``; None is: unless it writes to a terminal."""
    return None if plan.progress else True


class _Work:
    """What is known so far."""

    def __init__(self, model: MattingModel, plan: Plan) -> None:
        self.plan, self._model = plan, model
        self._stream = Treatments(model, plan.controls)
        self.scores: list[Score] = []
        self.left_out: dict[str, str] = {}
        self._hidden: list[str] = []
        self._watched: dict[str, Case] = {}
        self._worst, self._best = Shelf(plan.cases, True), Shelf(plan.cases, False)
        self._curves = {treatment: np.zeros((2, LEVELS)) for treatment in TREATMENTS}
        self._people = 0

    def count(self, scene: Scene) -> int:
        """The frames of ``scene`` that are measured."""
        most = self.plan.clip_frames
        return frames(scene) if most is None else min(frames(scene), most)

    def measure(self, scene: Scene, bar: Any) -> None:
        """Measure all frames of a scene, or say why not."""
        self._stream.start_scene()
        before = bar.n
        try:
            for sample in samples(scene, self.plan.clip_frames):
                self._measure(sample, scene)
                bar.update()
        except (InputError, DataError) as error:  # the rest of a clip goes with its broken frame
            self.left_out[scene.name] = str(error)
        bar.update(before + self.count(scene) - bar.n)

    def _measure(self, sample: Sample, scene: Scene) -> None:
        try:
            treatments = self._stream.measure(sample.frame, sample.truth)
        except ModelError as error:
            raise ModelError(f"{sample.name}: {error}") from error
        if not all(np.isfinite(treated.matte.alpha).all() for treated in treatments.values()):
            self.left_out[sample.name] = "the model's matte is not finite"
            self._stream.start_scene()  # nothing may remember it
            return
        numbers = {t: self._numbers(t, treated, sample) for t, treated in treatments.items()}
        self._people += sample.truth is not None
        clip = scene.name if isinstance(scene, Part) else ""
        self.scores.append(Score(sample.name, category(scene), clip, numbers))
        self._keep(sample, treatments["refined"], category(scene), clip)

    def _numbers(self, treatment: str, treated: Treated, sample: Sample) -> Numbers:
        """All measures of one matte; its precision and recall go into the curve."""
        alpha, truth = treated.matte.alpha, sample.truth
        if truth is None:
            right = cut(alpha, np.zeros_like(alpha)).accuracy
            return {"accuracy": right, **treated.errors}
        self._curves[treatment] += precision_recall(alpha, truth)
        counts = cut(alpha, truth)
        shares = {m: float(getattr(counts, m)) for m in SHARES if m != "boundary_iou"}
        return {**shares, "boundary_iou": boundary_iou(alpha, truth), **treated.errors}

    def _keep(self, sample: Sample, refined: Treated, shows: str, clip: str) -> None:
        errors = refined.errors
        error = errors["mad"] if "mad" in errors else errors["mean_alpha"] * 1e3
        if sample.truth is not None and not refined.matte.alpha.any():
            self._hidden.append(sample.name)

        def make() -> Case:
            return draw_case(sample, refined.matte, shows, error)

        subject = f"{clip}:{sample.frame.index // STRETCH}" if clip else sample.name
        self._worst.offer(subject, error, make)
        if sample.truth is not None:  # an empty room that stays empty is no feat to show
            self._best.offer(subject, error, make)
        if sample.name in self.plan.watch:
            self._watched[sample.name] = make()

    def result(self, name: str) -> Evaluation:
        """All of it, done."""
        card = getattr(self._model, "card", None)
        people = self._people
        return Evaluation(
            name=name or getattr(card, "id", getattr(self._model, "name", "a model")),
            scores=tuple(self.scores),
            left_out=self.left_out,
            curves={
                treatment: Curve(sums[0] / people, sums[1] / people, people)
                for treatment, sums in self._curves.items()
                if people
            },
            worst=self._worst.cases(),
            best=self._best.cases(),
            watched=self._watched,
            hidden=tuple(self._hidden),
            card={} if card is None else card.model_dump(mode="json", exclude_none=True),
        )
