"""The report: one HTML file that needs nothing beside it, and the numbers as CSV and JSON."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from edge.errors import StorageError
from edge.files import write_atomically
from train.evaluate import charts
from train.evaluate.comparison import SAME, Comparison
from train.evaluate.drawn import charts as draw_charts
from train.evaluate.evaluation import SHARES, UNITS, Evaluation
from train.evaluate.scores import LABELS, write_scores, write_summary

TILES = ("mad", "grad", "f1", "boundary_iou", "dtssd", "mean_alpha")
BY_CATEGORY = ("mad", "mse", "grad", "conn", "dtssd", "f1", "jaccard", "boundary_iou", "mean_alpha")
NAMED = 200  # pictures left out that the page names
BOX = SimpleNamespace(  # of a chart: its size, and where the plot in it ends
    width=charts.WIDTH,
    height=charts.HEIGHT,
    left=charts.LEFT,
    right=charts.WIDTH - charts.RIGHT,
    top=charts.TOP,
    bottom=charts.HEIGHT - charts.BOTTOM,
)


def write_report(
    folder: Path, result: Evaluation | Comparison, data: str, how: Mapping[str, str]
) -> Path:
    """
    Write report.html, score.csv, score-refined.csv and summary.json, and of two models that are
    compared before-score.csv and before-score-refined.csv.

    Args:
        data: what it was measured on, for people.
        how: what a reader needs to do it again, such as ``command`` and ``commit``.

    Returns:
        The page.

    Raises:
        StorageError: the folder cannot be written to.
    """
    page = folder / "report.html"
    try:
        if isinstance(result, Comparison):
            write_scores(folder, result.before, "before-")
            write_scores(folder, result.after)
        else:
            write_scores(folder, result)
        write_summary(folder, {"data": data, "how": dict(how), **result.to_json()})
        write_atomically(page, render(result, data, how).encode())
    except OSError as error:
        raise StorageError(
            f"{error.filename or folder}: {error.strerror}; give another --output"
        ) from error
    return page


def render(result: Evaluation | Comparison, data: str, how: Mapping[str, str]) -> str:
    """The page's HTML."""
    pair = result if isinstance(result, Comparison) else None
    now = result.after if isinstance(result, Comparison) else result
    environment = Environment(
        loader=PackageLoader("train.evaluate"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=_number, webp=_data_url)
    environment.globals.update(labels=LABELS, units=UNITS, shares=SHARES, box=BOX)
    return environment.get_template("report.html").render(
        data=data,
        how=how,
        date=datetime.now(timezone.utc).strftime("%-d %B %Y"),
        card=list(_card(now.card)),
        left_out=list(now.left_out.items())[:NAMED],
        same=SAME,
        **_compared(pair),
        **_measured(now, None if pair is None else pair.before),
    )


def _measured(now: Evaluation, before: Evaluation | None) -> dict[str, Any]:
    refined = now.summary("refined")
    shown = [("", now)] if before is None else [("before", before), ("after", now)]
    present = [m for m in BY_CATEGORY if now.numbers("refined", m)]
    return {
        "now": now,
        "before": before,
        "raw": now.summary("raw"),
        "refined": refined,
        "tiles": [measure for measure in TILES if measure in refined],
        "category_measures": present,
        "categories": _categories(now, before),
        "charts": draw_charts(shown),
    }


def _compared(pair: Comparison | None) -> dict[str, Any]:
    if pair is None:
        return {"verdicts": None}
    verdicts = pair.verdicts()
    return {
        "verdicts": verdicts if any(verdicts.values()) else None,
        "raw_before": pair.before.summary("raw"),
        "refined_before": pair.before.summary("refined"),
        "gained": pair.gained,
        "lost": pair.lost,
    }


def _categories(now: Evaluation, before: Evaluation | None) -> list[dict[str, Any]]:
    found = {name: now.summary("refined", name) for name in now.categories()}
    mads = {name: summary["mad"]["mean"] for name, summary in found.items() if "mad" in summary}
    worst = max(mads.values(), default=0.0)
    return [
        {
            "name": name,
            "count": sum(score.category == name for score in now.scores),
            "after": summary,
            "before": before.summary("refined", name) if before else {},
            "share": 100 * mads.get(name, 0.0) / worst if worst else 0.0,
        }
        for name, summary in found.items()
    ]


def _card(card: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    """A card as lines: what is nested goes under a dotted name."""
    for key, value in card.items():
        if isinstance(value, Mapping):
            yield from _card(value, f"{prefix}{key}.")
        elif isinstance(value, list):
            for number, item in enumerate(value, start=1):
                if isinstance(item, Mapping):
                    told = ", ".join(f"{k} {v}" for k, v in item.items())
                    yield f"{prefix}{key} {number}", told
                else:
                    yield f"{prefix}{key} {number}", str(item)
        else:
            yield f"{prefix}{key}", str(value)


def _number(value: float, measure: str) -> str:
    digits = 4 if measure == "mean_alpha" else 3 if measure in SHARES else 2
    return f"{value:.{digits}f}"


def _data_url(picture: bytes) -> str:
    return "data:image/webp;base64," + base64.b64encode(picture).decode()
