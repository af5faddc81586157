"""Every scene through one model, or two, measured and let go."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tqdm import tqdm

from bench.dataset import Sample
from bench.treatments import Treated
from edge.errors import InputError
from edge.matting import MattingModel
from train.errors import DataError
from train.evaluate.cases import Case, Shelf, draw_case
from train.evaluate.comparison import Comparison, Pair
from train.evaluate.evaluation import Evaluation
from train.evaluate.measuring import Measuring, Plan, subject_of, visible_error
from train.evaluate.scenes import Scene, category, frames, samples

NAMED = 3  # reasons that a message gives


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
    plan = plan or Plan()
    one = Measuring(model, plan)
    _through([one], scenes, plan)
    return one.result(name)


def compare(
    models: tuple[MattingModel, MattingModel],
    scenes: Sequence[Scene],
    names: tuple[str, str] = ("before", "after"),
    plan: Plan | None = None,
) -> Comparison:
    """
    Measure two models, each frame by both, and keep where the second gained and lost most.

    Args:
        models: the one that is compared with ("before"), and the one of interest ("after").

    Raises:
        DataError, ModelError: as ``evaluate``.
    """
    plan = plan or Plan()
    before, after = (Measuring(model, plan) for model in models)
    gained: Shelf[Pair] = Shelf(plan.cases, largest=True)
    lost: Shelf[Pair] = Shelf(plan.cases, largest=False)

    def each(sample: Sample, scene: Scene, mattes: Sequence[Treated | None]) -> None:
        first, second = mattes
        if first is None or second is None:
            return
        errors = visible_error(first.errors), visible_error(second.errors)

        def make() -> Pair:
            cases: list[Case] = [
                draw_case(sample, matte.matte, category(scene), error)
                for matte, error in zip((first, second), errors, strict=True)
            ]
            return Pair(*cases)

        gain = errors[0] - errors[1]
        if gain > 0:
            gained.offer(subject_of(sample, scene), gain, make)
        elif gain < 0:
            lost.offer(subject_of(sample, scene), gain, make)

    _through([before, after], scenes, plan, each)
    return Comparison(before.result(names[0]), after.result(names[1]), gained.items(), lost.items())


def _through(
    all_of: Sequence[Measuring],
    scenes: Sequence[Scene],
    plan: Plan,
    each: Callable[[Sample, Scene, Sequence[Treated | None]], None] | None = None,
) -> None:
    """Show every frame, read once, to all of them; then ``each`` is told what came of it."""
    counts = [_count(scene, plan) for scene in scenes]
    quiet = None if plan.progress else True  # None: unless it writes to a terminal
    with tqdm(total=sum(counts), desc="evaluate", unit="picture", disable=quiet) as bar:
        for scene, count in zip(scenes, counts, strict=True):
            for one in all_of:
                one.start_scene()
            seen = 0
            try:
                for sample in samples(scene, plan.clip_frames):
                    mattes = [one.measure(sample, scene) for one in all_of]
                    if each is not None:
                        each(sample, scene, mattes)
                    seen += 1
                    bar.update()
            except InputError as error:  # the rest of a clip goes with its broken frame
                for one in all_of:
                    one.left_out[scene.name] = str(error)
            bar.update(count - seen)
    for one in all_of:
        if not len(one):
            reasons = "; ".join(list(one.left_out.values())[:NAMED]) or "the set is empty"
            raise DataError(f"none of {len(scenes)} scenes could be measured: {reasons}")


def _count(scene: Scene, plan: Plan) -> int:
    return frames(scene) if plan.clip_frames is None else min(frames(scene), plan.clip_frames)
