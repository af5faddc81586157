"""``python -m bench peak``: the ceiling, how much of it models reach, and what each layer takes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.ceiling import with_onnxruntime, with_openvino
from bench.ceiling.layers import Layer, Picture
from bench.ceiling.located import Located, locate
from bench.ceiling.peak import measure_peak
from bench.table import Table
from edge import plugins
from edge.errors import EdgeError
from edge.matting import MattingModel
from edge.matting._openvino import properties
from edge.matting._race import SIZE, frames, race
from edge.zoo import Zoo, default_cache

TOP = 12  # layers that are told of by name


def report_peak(specs: Sequence[str], rounds: int, shown: bool) -> dict[str, Any]:
    """
    Args:
        specs: of models; one whose layers cannot be told is skipped, and says why.
        rounds: of each measurement.

    Returns:
        ``peak``, see ``bench.ceiling.peak``; ``models``, spec -> ``gmac``, ``median_ms`` of one
        matte, ``gmac_s``, ``reached_percent`` of the peak in its precision, ``layers``, the longest
        by name, and ``kinds_ms``, all by kind.
    """
    peak = measure_peak(rounds)
    if shown:
        _show_peak(peak)
    zoo = Zoo(default_cache())
    models: dict[str, dict[str, Any]] = {}
    for spec in specs:
        try:
            models[spec] = _model(spec, zoo, peak, rounds)
        except EdgeError as error:
            models[spec] = {"skipped": str(error)}
        if shown:
            _show_model(spec, models[spec])
    return {"peak": peak, "models": models, "rounds": rounds}


def _model(spec: str, zoo: Zoo, peak: dict[str, dict[str, Any]], rounds: int) -> dict[str, Any]:
    found = locate(spec, zoo)
    model: MattingModel = plugins.make("edge.matting", spec, zoo=zoo)
    seconds = race({spec: model}, frames(), rounds)[spec]
    width, height = found.card.input.nearest(SIZE)
    picture = np.random.default_rng(0).integers(0, 256, (1, height, width, 3), np.uint8)
    macs, layers = _told(found, picture, zoo.cache / "openvino")
    ceiling = peak[found.precision]["gmac_s"]
    rate = macs / seconds / 1e9
    return {
        "file": found.path.name,
        "precision": found.precision,
        "gmac": round(macs / 1e9, 3),
        "median_ms": round(seconds * 1e3, 2),
        "gmac_s": round(rate, 1),
        "reached_percent": round(100 * rate / ceiling, 1) if ceiling else None,
        "layers": [_layer(layer, ceiling) for layer in _longest(layers)],
        "kinds_ms": _by_kind(layers),
    }


def _told(found: Located, picture: Picture, cache: Path) -> tuple[int, list[Layer]]:
    if found.runtime == "onnx":
        name = found.card.input.name
        macs = with_onnxruntime.macs_of(found.path, picture, name)
        return macs, with_onnxruntime.layers_of(found.path, picture, name)
    chosen = properties(found.card, found.options, cache)
    layers = with_openvino.layers_of(found.path, picture, chosen)
    return with_openvino.macs_of(found.path, picture), layers


def _longest(layers: list[Layer]) -> list[Layer]:
    return sorted(layers, key=lambda layer: -layer.ms)[:TOP]


def _layer(layer: Layer, ceiling: float | None) -> dict[str, Any]:
    rate = layer.macs / layer.ms / 1e6 if layer.ms else 0.0
    return {
        "name": layer.name,
        "kind": layer.kind,
        "precision": layer.precision,
        "ms": layer.ms,
        "gmac_s": round(rate, 1),
        "of_peak_percent": round(100 * rate / ceiling, 1) if ceiling else None,
    }


def _by_kind(layers: list[Layer]) -> dict[str, float]:
    """Kind and precision -> ms in all, the longest first."""
    summed: dict[str, float] = {}
    for layer in layers:
        name = f"{layer.kind} {layer.precision}".strip()
        summed[name] = summed.get(name, 0.0) + layer.ms
    longest = sorted(summed.items(), key=lambda item: -item[1])
    return {name: round(ms, 3) for name, ms in longest if ms >= 0.001}


def _show_peak(peak: dict[str, dict[str, Any]]) -> None:
    table = Table(("ceiling", "GMAC/s", "by"), first=12)
    for precision, found in peak.items():
        rate = f"{found['gmac_s']:.0f}" if found["gmac_s"] else "-"
        table.row((precision, rate, f"  {found['by'] or next(iter(found['skipped'].values()))}"))


def _show_model(spec: str, found: dict[str, Any]) -> None:
    if "skipped" in found:
        print(f"{spec}: skipped: {found['skipped']}")
        return
    reached = found["reached_percent"]
    print(
        f"{spec}: {found['gmac']:.2f} GMAC in {found['median_ms']:.1f} ms is "
        f"{found['gmac_s']:.0f} GMAC/s, {reached} % of the {found['precision']} ceiling"
    )
    table = Table(("  longest layers", "kind", "in", "ms", "% of ceiling"), first=44)
    for layer in found["layers"]:
        share = "" if not layer["gmac_s"] else f"{layer['of_peak_percent']}"
        name = f"  {layer['name'][-40:]}"
        table.row((name, layer["kind"][:8], layer["precision"][:8], f"{layer['ms']:.2f}", share))
    rest = ", ".join(f"{kind} {ms:.2f}" for kind, ms in list(found["kinds_ms"].items())[:6])
    print(f"  by kind, ms: {rest}")
