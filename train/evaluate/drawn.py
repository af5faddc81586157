"""Which charts an evaluation, or two that are compared, are shown by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bench.measures.thresholds import LEVELS
from bench.treatments import TREATMENTS
from train.evaluate.charts import Axis, Chart, Series, histogram, lines
from train.evaluate.evaluation import Evaluation

THRESHOLDS = tuple(level / (LEVELS - 1) for level in range(LEVELS))
CLIPS = 6  # of a set that are drawn over time

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
    if empty:
        note = "What is shown where nobody is: it should be nothing."
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
        series.append(Series(label, style, curve.recall.tolist(), curve.precision.tolist()))
    # At threshold 0 everything is found, and precision is only the person's share.
    low = min(min(one.y[1:]) for one in series)
    low = max(0.0, np.floor(10 * low) / 10)
    left = min(min(one.x[:-1]) for one in series)
    left = max(0.0, np.floor(10 * left) / 10)
    axes = Axis("recall", left, 1), Axis("precision", low, 1)
    return lines("Precision and recall", series, axes, "Over all thresholds of alpha.")


def _f1(shown: Shown) -> Chart:
    series, told = [], []
    for label, style, evaluation, treatment in _each(shown):
        curve = evaluation.curves[treatment]
        threshold, best = curve.best
        series.append(Series(label, style, THRESHOLDS[1:], curve.f1[1:].tolist()))
        told.append(f"{label}: best {best:.3f} at {threshold:.2f}")
    low = max(0.0, np.floor(10 * min(min(one.y) for one in series)) / 10)
    axes = Axis("threshold", 0, 1), Axis("F1", min(low, 0.9), 1)
    return lines("F1 over the threshold", series, axes, "; ".join(told) + ".")


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
