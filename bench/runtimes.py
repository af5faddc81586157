"""The same model in several runtimes or precisions: how far apart, and how many times as fast."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench import kinds
from bench.dataset import find_parts
from bench.table import Table
from edge import plugins
from edge.errors import InputError, ModelError
from edge.matting import MattingModel
from edge.matting._race import frames, race
from edge.parity import difference, together
from edge.zoo import Zoo, default_cache

ROUNDS = 25


def report_runtimes(data: Path, specs: Sequence[str], shown: bool) -> dict[str, Any]:
    """
    Compare each of ``specs`` with the first: alpha on the stills under ``data``, and time.

    Times are taken by turns in one process, so that a busy machine slows all alike. Of
    ``--matting``'s kinds and ``torch:`` (``bench.kinds``) those that this machine lacks are
    skipped, with the reason.

    Raises:
        InputError: fewer than two specs, no stills, or mattes of different sizes.
        EdgeError: the reference cannot be had, or a model that was loaded fails.
    """
    if len(specs) < 2:
        raise InputError("runtimes: wanted the reference and at least one more --matting SPEC")
    models, skipped = _loaded(specs)
    apart = _compared(data, models)
    times_s = race(models, frames(), ROUNDS)
    rows = {
        spec: {
            "mean_difference": round(apart[spec].mean, 7),
            "largest_difference": round(apart[spec].largest, 5),
            "iou": round(apart[spec].iou, 4),
            "median_ms": round(times_s[spec] * 1e3, 2),
            "times_as_fast": round(times_s[specs[0]] / times_s[spec], 2),
        }
        for spec in models
    }
    if shown:
        table = Table(("runtime", *next(iter(rows.values()))), first=60)
        for spec, row in rows.items():
            table.row((spec, *(f"{value:g}" for value in row.values())))
        for spec, why in skipped.items():
            print(f"{spec}: skipped: {why}")
    return {"reference": specs[0], "rounds": ROUNDS, "runtimes": rows, "skipped": skipped}


def _loaded(specs: Sequence[str]) -> tuple[dict[str, MattingModel], dict[str, str]]:
    """The models by spec, and of those that are not here, why."""
    kinds.offer()
    zoo = Zoo(default_cache())
    models: dict[str, MattingModel] = {}
    skipped = {}
    for spec in specs:
        try:
            models[spec] = plugins.make("edge.matting", spec, zoo=zoo)
        except ModelError as error:
            if spec == specs[0]:
                raise
            skipped[spec] = str(error)
    return models, skipped


def _compared(data: Path, models: dict[str, MattingModel]) -> dict[str, Any]:
    reference, *_ = models.values()
    each: dict[str, list[Any]] = {spec: [] for spec in models}
    for part in find_parts(data):
        if part.kind != "stills":
            continue
        for sample in part.samples():
            wanted = reference.matte(sample.frame).alpha
            for spec, model in models.items():
                found = wanted if model is reference else model.matte(sample.frame).alpha
                if found.shape != wanted.shape:
                    raise InputError(f"{spec}: mattes of {found.shape}, not {wanted.shape}")
                each[spec].append(difference(found, wanted))
    if not each[next(iter(each))]:
        raise InputError(f"{data}: no stills with alpha; wanted image/ and alpha/")
    return {spec: together(found) for spec, found in each.items()}
