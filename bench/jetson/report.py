"""``python -m bench estimate``: models on Jetsons, worked out and not measured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bench.ceiling.located import locate
from bench.ceiling.with_onnxruntime import kernels
from bench.jetson.devices import DEVICES
from bench.jetson.roofline import ARITHMETIC, START_S, TRAFFIC, Work, estimate, work_of
from bench.table import Table
from edge.errors import EdgeError
from edge.zoo import Zoo, default_cache

SIZE = (1280, 720)  # of the camera: a model with several input sizes takes the nearest in aspect


def report_estimate(specs: Sequence[str], shown: bool) -> dict[str, Any]:
    """
    Args:
        specs: such as "onnx:portrait_fast"; one that is not here is skipped, and says why.

    Returns:
        ``assumed``; ``models``, spec -> ``gmac``, ``mbytes`` moved in fp16, ``layers``, and for
        each device ``least_ms`` and ``expected_ms``.
    """
    zoo = Zoo(default_cache())
    models: dict[str, dict[str, Any]] = {}
    table = Table(["model", "GMAC", "MB", *(device.name for device in DEVICES)]) if shown else None
    for spec in specs:
        try:
            models[spec] = _model(spec, zoo)
        except EdgeError as error:
            models[spec] = {"skipped": str(error)}
        if table is not None:
            table.row(_row(spec, models[spec]))
    if shown:
        print("ms of a matte: expected, and in brackets what no device of these figures can beat")
    assumed = {"arithmetic": ARITHMETIC, "traffic": TRAFFIC, "start_us": START_S * 1e6}
    return {"assumed": assumed, "models": models}


def _model(spec: str, zoo: Zoo) -> dict[str, Any]:
    found = locate(spec, zoo)
    width, height = found.card.input.nearest(SIZE)
    picture = np.zeros((1, height, width, 3), np.uint8)
    layers: list[Work] = work_of(kernels(found.path, picture, found.card.input.name))
    devices = {device.name: estimate(layers, device) for device in DEVICES}
    return {
        "gmac": round(sum(layer.macs for layer in layers) / 1e9, 2),
        "mbytes": round(sum(layer.bytes for layer in layers) / 1e6, 1),
        "layers": len(layers),
        "devices": {
            name: {"least_ms": found.least_ms, "expected_ms": found.expected_ms}
            for name, found in devices.items()
        },
    }


def _row(spec: str, model: dict[str, Any]) -> list[str]:
    if "skipped" in model:
        return [spec, model["skipped"]]
    times = [f"{d['expected_ms']:.1f} ({d['least_ms']:.2f})" for d in model["devices"].values()]
    return [spec, f"{model['gmac']:.1f}", f"{model['mbytes']:.0f}", *times]
