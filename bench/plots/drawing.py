"""From a command's JSON to its figures."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from bench.plots.axes import linear, logarithmic
from bench.plots.chart import Chart, Point
from edge.errors import InputError

Report = dict[str, Any]
Figures = dict[str, str]  # file's name -> SVG
UNITS = {"mad": "MAD on stills, x 1e3", "dtssd": "dtSSD on clips, x 1e2"}


def report_plots(results: Sequence[Path], folder: Path, shown: bool) -> Report:
    """
    Draw what there is to draw of each of ``results`` into ``folder``.

    Args:
        results: what commands printed with --json, or the ``validations.csv`` of a training run
            under any name, which its figure gets.

    Raises:
        InputError: a file is no result of the bench, or of a command that has no figure.
    """
    written = []
    for path in results:
        figures = draw(_read(path))
        if not figures:
            raise InputError(
                f"{path}: nothing to draw; wanted a result of peers, viewers or soak, or the "
                "log of a training run"
            )
        folder.mkdir(parents=True, exist_ok=True)
        for name, svg in figures.items():
            (folder / name).write_text(svg, encoding="utf-8")
            written.append(str(folder / name))
            if shown:
                print(folder / name)
    return {"written": written}


def draw(report: Report) -> Figures:
    """The figures of one command's report, none if it has none."""
    drawings: dict[str, Callable[[Report], Figures]] = {
        "peers": _frontiers,
        "viewers": _viewers,
        "soak": _soak,
        "fit": _training,
    }
    command = report.get("command")
    return drawings[command](report) if command in drawings else {}


def _read(path: Path) -> Report:
    if path.suffix == ".csv":
        return _log(path)
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: {error}; wanted what a command printed with --json") from error
    if not isinstance(report, dict) or "command" not in report:
        raise InputError(f"{path}: not a result of python -m bench")
    return report


def _log(path: Path) -> Report:
    """A training run's validations, as a report; an empty cell is a kind that was not measured."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = [{k: float(v) for k, v in row.items() if v} for row in csv.DictReader(file)]
        kinds = [kind for kind in dict.fromkeys(chain.from_iterable(rows)) if kind != "step"]
        if not kinds:
            raise ValueError("no errors in it")
        lines = {kind: [(row["step"], row[kind]) for row in rows if kind in row] for kind in kinds}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path}: {error}; wanted the validations.csv of a run") from error
    return {"command": "fit", "name": path.stem, "lines": lines}


def _frontiers(report: Report) -> Figures:
    """Speed against error, one figure for each measure; up and left is worse."""
    width, height = report["size"]
    figures = {}
    for measure, unit in UNITS.items():
        rows = [row for row in report["rows"] if measure in row]
        if not rows:
            continue
        places = [(float(row["fps"]["median"]), float(row[measure])) for row in rows]
        chart = Chart(
            f"Frames a second against error, {width}x{height}, {report['machine']['cores']} cores",
            logarithmic("frames a second, from frame to picture", [x for x, _ in places]),
            linear(f"{unit} (lower is better)", [y for _, y in places]),
        )
        chart.path(_best(places), "edge")
        for row, place in zip(rows, places, strict=True):
            chart.point(place, row["label"], "ours" if row["ours"] else "other")
        figures[f"peers_{measure}.svg"] = chart.svg()
    return figures


def _best(places: list[Point]) -> list[Point]:
    """Those that nobody beats in both, slowest first."""
    kept = [
        place
        for place in places
        if not any(x >= place[0] and y <= place[1] and (x, y) != place for x, y in places)
    ]
    return sorted(kept)


def _viewers(report: Report) -> Figures:
    """Processor time against the number of viewers."""
    lines = {
        name: [(float(row["viewers"]), row["cpu_percent"]["median"]) for row in report[name]]
        for name in ("ours", "aiortc")
        if report[name]
    }
    places = [place for line in lines.values() for place in line]
    chart = Chart(
        "What viewers cost: pictures delivered, none decoded",
        linear("viewers", [x for x, _ in places]),
        linear("processor, % of one core", [y for _, y in places]),
    )
    names = {"ours": "this service, matting included", "aiortc": "plain aiortc, encoding alone"}
    for name, line in lines.items():
        kind = "ours" if name == "ours" else "other"
        chart.path(line, kind, names[name])
        for place in line:
            chart.point(place, "", kind)
    return {"viewers_cpu.svg": chart.svg()}


def _training(report: Report) -> Figures:
    """The error on held-out pictures while a network is fitted; the score is what chooses."""
    lines: dict[str, list[Point]] = report["lines"]
    places = [place for line in lines.values() for place in line]
    chart = Chart(
        f"{report['name']}: error on held-out pictures",
        linear("steps", [x for x, _ in places]),
        linear("mean difference of alpha, x 1e3 (lower is better)", [y for _, y in places]),
    )
    for name, line in lines.items():
        chart.path(line, "ours" if name == "score" else "other", name)
    return {f"training_{report['name']}.svg": chart.svg()}


def _soak(report: Report) -> Figures:
    """Memory, and descriptors and threads, over the minutes."""
    samples = report["samples"]
    minutes = [time_s / 60 for time_s in samples["t_s"]]
    shown = {
        "memory": ("resident memory, MB", {"rss_mb": "ours"}),
        "descriptors": ("open at a time", {"descriptors": "ours", "threads": "other"}),
    }
    figures = {}
    for figure, (unit, lines) in shown.items():
        values = [value for name in lines for value in samples[name]]
        x = linear("minutes, viewers coming and going", minutes)
        chart = Chart(f"In use for {report['minutes']:g} minutes", x, linear(unit, values))
        for name, kind in lines.items():
            label = name if len(lines) > 1 else ""
            chart.path(list(zip(minutes, samples[name], strict=True)), kind, label)
        figures[f"soak_{figure}.svg"] = chart.svg()
    return figures
