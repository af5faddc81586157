"""What the commands print, and what they record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2

from bench.dataset import find_parts
from bench.quality import COLUMNS, Measured, measure
from bench.service import time_service
from bench.stages import time_stages
from bench.table import Table
from bench.treatments import TREATMENTS
from edge import plugins
from edge.controls import MatteControls
from edge.cores import divide_cores
from edge.matting import MattingModel
from edge.memory import keep_freed_memory
from edge.zoo import Zoo, default_cache

SERVICE_S = 6.0  # of the pipeline's run
BESIDE = ("refine", "compose", "RGB to I420")  # stages beside the model's, none within another

UNITS = {
    "mad": "x 1e3",
    "mse": "x 1e3",
    "grad": "/ 1e3",
    "conn": "/ 1e3",
    "dtssd": "x 1e2",
    "mean_alpha": "0 to 1",
}


def load_model(spec: str) -> MattingModel:
    """
    Raises:
        EdgeError: no such model, or it cannot be had or loaded.
    """
    model: MattingModel = plugins.make("edge.matting", spec, zoo=Zoo(default_cache()))
    return model


def report_quality(
    data: Path, matting: str, controls: MatteControls, shown: bool
) -> dict[str, Any]:
    """Measure all parts under ``data``; print each as it is done if ``shown``."""
    parts = find_parts(data)
    model = load_model(matting)
    table = (
        Table(("part", "", "", "MAD", "MSE", "Grad", "Conn", "dtSSD", "alpha")) if shown else None
    )
    records = []
    for measured in measure(parts, model, controls):
        records.append(_record(measured))
        if table is not None:
            _show(table, measured)
    return {
        "matting": matting,
        "controls": controls.model_dump(),
        "units": UNITS,
        "parts": records,
    }


def _record(measured: Measured) -> dict[str, Any]:
    return {
        "name": measured.part.name,
        "kind": measured.part.kind,
        "samples": len(measured.part),
        "hidden": measured.hidden,
        **{treatment: measured.summary(treatment) for treatment in TREATMENTS},
    }


def _show(table: Table, measured: Measured) -> None:
    for treatment in TREATMENTS:
        summary = measured.summary(treatment)
        for average in ("mean", "median"):
            cells = [f"{summary[c][average]:.3f}" if c in summary else "-" for c in COLUMNS]
            table.row((measured.part.name, treatment, average, *cells))
    if measured.hidden:
        table.row((f"  {measured.hidden} people hidden", *[""] * 8))


def report_stages(
    size: tuple[int, int], frames: int, matting: str, controls: MatteControls, shown: bool
) -> dict[str, Any]:
    """Time every stage, then the whole service; print both if ``shown``."""
    keep_freed_memory()  # both as the service does at its start
    divide_cores()
    model = load_model(matting)
    stages = time_stages(size, frames, model, controls)
    rest_ms = round(sum(stages[stage]["p50"] for stage in BESIDE), 2)
    if shown:
        table = Table(("stage", "p50 ms", "p95 ms"))
        for stage, spread in stages.items():
            table.row((stage, f"{spread['p50']:.2f}", f"{spread['p95']:.2f}"))
        table.row(("all but the model", f"{rest_ms:.2f}", ""))
    service = time_service(size, SERVICE_S, model, controls)
    if shown:
        latency = service["latency_ms"]
        table.row(("in service", f"{latency['p50']:.2f}", f"{latency['p95']:.2f}"))
        table.row(("  p95 is held to", "", f"{service['limit_ms']:.2f}"))
        table.row((f"  {service['fps']:.1f} composites a second", "", ""))
    return {
        "matting": matting,
        "controls": controls.model_dump(),
        "size": list(size),
        "threads": {"opencv": cv2.getNumThreads()},
        "stages_ms": stages,
        "all_but_model_ms": rest_ms,
        "service": service,
    }
