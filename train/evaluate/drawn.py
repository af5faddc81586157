"""Which charts an evaluation, or two that are compared, are shown by."""

from __future__ import annotations

import math
from collections.abc import Sequence

from bench.measures.thresholds import LEVELS
from bench.treatments import TREATMENTS
from train.evaluate.charts import Axis, Chart, Series, histogram, lines
from train.evaluate.evaluation import Evaluation

THRESHOLDS = tuple(level / (LEVELS - 1) for level in range(LEVELS))
CLIPS = 6  # of a set that are drawn over time
SEEN = 1e-2  # mean alpha x 1e3: where all rooms stay below, there is nothing to draw

Shown = Sequence[tuple[str, Evaluation]]  # what each is called in a legend, or "" for one alone


def charts(shown: Shown) -> list[Chart]:
    """
    Precision and recall, F1 over thresholds, errors' spread, and clips over time.

    Args:
        shown: one evaluation, or that before and that after.
    """
    drawn = []
    if all(evaluation.curves for _, evaluation in shown):
        drawn += [_precision_recall(shown), _f1(shown)]
    spread = [
        Series(label, style, (), values)
        for label, style, evaluation, treatment in _each(shown)
        if (values := evaluation.numbers(treatment, "mad"))
    ]
    if spread:
        drawn.append(histogram("Errors of single pictures", "MAD, x 1e3", spread))
    empty = [
        Series(label, style, (), [1e3 * value for value in values])
        for label, style, evaluation, treatment in _each(shown)
        if (values := evaluation.numbers(treatment, "mean_alpha"))
    ]
    if empty and max(max(one.y) for one in empty) > SEEN:
        note = "What is shown where nobody is. The lowest bar holds all below it, too."
        drawn.append(histogram("Rooms without people", "mean alpha, x 1e3", empty, note))
    return drawn + _over_time(shown)


def _each(shown: Shown) -> list[tuple[str, str, Evaluation, str]]:
    """Label, style, evaluation and treatment of each line; of two models the refined alone."""
    if len(shown) == 1:
        return [(t, t, shown[0][1], t) for t in TREATMENTS]
    return [
        (name, style, evaluation, "refined")
        for (name, evaluation), style in zip(shown, ("before", "refined"), strict=True)
    ]


def _precision_recall(shown: Shown) -> Chart:
    series = []
    for label, style, evaluation, treatment in _each(shown):
        curve = evaluation.curves[treatment]
        # At threshold 0 everything is found, and precision is only the person's share.
        recall, precision = curve.recall[1:].tolist(), curve.precision[1:].tolist()
        series.append(Series(label, style, recall, precision))
    left, low = (_round_below(min(map(min, values))) for values in _columns(series))
    axes = Axis("recall", left, 1), Axis("precision", low, 1)
    return lines("Precision and recall", series, axes, "Over all thresholds of alpha.")


def _f1(shown: Shown) -> Chart:
    series, told = [], []
    for label, style, evaluation, treatment in _each(shown):
        curve = evaluation.curves[treatment]
        threshold, best = curve.best
        series.append(Series(label, style, THRESHOLDS[1:], curve.f1[1:].tolist()))
        told.append(f"{label}: best {best:.3f} at {threshold:.2f}")
    low = _round_below(min(min(one.y) for one in series))
    axes = Axis("threshold", 0, 1), Axis("F1", low, 1)
    return lines("F1 over the threshold", series, axes, "; ".join(told) + ".")


def _columns(series: Sequence[Series]) -> tuple[list[Sequence[float]], list[Sequence[float]]]:
    return [one.x for one in series], [one.y for one in series]


def _round_below(value: float) -> float:
    """Where an axis up to 1 begins, so that ``value`` is on it."""
    return min(0.9, math.floor(10 * value) / 10)


def _over_time(shown: Shown) -> list[Chart]:
    clips = list(dict.fromkeys(s.clip for s in shown[0][1].scores if s.clip))[:CLIPS]
    drawn = []
    for clip in clips:
        series = []
        for label, style, evaluation, treatment in _each(shown):
            errors = [s.treatments[treatment]["mad"] for s in evaluation.scores if s.clip == clip]
            series.append(Series(label, style, range(len(errors)), errors))
        longest = max(len(one.y) for one in series)
        highest = max((max(one.y, default=0.0) for one in series), default=0.0)
        axes = Axis("frame", 0, max(1, longest - 1)), Axis("MAD, x 1e3", 0, max(1.0, highest))
        drawn.append(lines(f"Clip {clip} over time", series, axes))
    return drawn
