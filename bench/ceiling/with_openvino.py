"""What OpenVINO's counters tell of a model, on the CPU."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from bench.ceiling.layers import RUNS, WARM_UP, Layer, Picture, convolution
from edge.errors import ModelError

COUNTED = ("Convolution", "GroupConvolution", "ConvolutionBackpropData", "MatMul")


def layers_of(path: Path, picture: Picture, properties: Mapping[str, Any]) -> list[Layer]:
    """
    Run an ONNX file or IR with OpenVINO's counters, on the CPU.

    Args:
        picture: (1, H, W, 3) uint8.
        properties: what it is compiled with.

    Raises:
        ModelError: it does not run.
    """
    import openvino

    wanted = {key: value for key, value in properties.items() if key != "CACHE_DIR"}
    try:
        model = _read(path, picture)
        counted = _macs(model)
        compiled = openvino.Core().compile_model(model, "CPU", {**wanted, "PERF_COUNT": True})
        request = compiled.create_infer_request()
        for _ in range(WARM_UP):
            request.infer([picture])
        times_ms: dict[str, list[float]] = defaultdict(list)
        for _ in range(RUNS):
            request.infer([picture])
            for found in request.profiling_info:
                times_ms[found.node_name].append(found.real_time.total_seconds() * 1e3)
    except RuntimeError as error:
        raise ModelError(f"{path}: OpenVINO cannot run it: {error}") from error
    return [
        _from_node(node, times_ms, counted)
        for node in compiled.get_runtime_model().get_ops()
        if node.get_friendly_name() in times_ms
    ]


def macs_of(path: Path, picture: Picture) -> int:
    """Multiply-accumulates of any file that OpenVINO reads, as it is written."""
    return sum(_macs(_read(path, picture)).values())


def _read(path: Path, picture: Picture) -> Any:
    import openvino

    model = openvino.Core().read_model(str(path))
    if model.is_dynamic():
        model.reshape(list(picture.shape))
    return model


def _macs(model: Any) -> dict[str, int]:
    counted = {}
    for node in model.get_ops():
        kind = node.get_type_name()
        if kind not in COUNTED:
            continue
        first, second, out = (
            tuple(int(side) for side in port.get_shape())
            for port in (node.input(0), node.input(1), node.output(0))
        )
        if kind == "MatMul":
            counted[node.get_friendly_name()] = prod(out) * first[-1]
        else:
            spatial = first if kind == "ConvolutionBackpropData" else out
            counted[node.get_friendly_name()] = convolution(spatial, second)
    return counted


def _from_node(node: Any, times_ms: Mapping[str, list[float]], counted: dict[str, int]) -> Layer:
    info = node.get_rt_info()
    told = {
        key: info[key].astype(str)
        for key in ("layerType", "runtimePrecision", "originalLayersNames")
        if key in info
    }
    name = node.get_friendly_name()
    originals = told.get("originalLayersNames", "").split(",")
    return Layer(
        name,
        told.get("layerType", node.get_type_name()),
        told.get("runtimePrecision", ""),
        round(float(np.mean(times_ms[name])), 4),
        sum(counted.get(original, 0) for original in {name, *originals}),
    )
