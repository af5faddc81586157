"""What ONNX Runtime's profiler tells of a model, on the CPU."""

from __future__ import annotations

import json
import re
import tempfile
from collections import defaultdict
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

from bench.ceiling.layers import RUNS, WARM_UP, Layer, Picture, convolution
from edge.errors import ModelError

CONVOLUTIONS = {"Conv", "FusedConv"}
PRODUCTS = {"MatMul", "Gemm", "FusedMatMul", "FusedGemm"}
RENAMED = re.compile(r"(_token_\d+|_nchwc)+$")  # what its optimiser appends to a name


def layers_of(path: Path, picture: Picture, name: str) -> list[Layer]:
    """
    Run an ONNX file under ONNX Runtime's profiler, on the CPU.

    Where it fills up channels to whole vectors, it computes and we count the fill too.

    Args:
        picture: (1, H, W, 3) uint8.
        name: of its input.

    Raises:
        ModelError: it does not run.
    """
    written = _from_events(_profiled(path, picture, name, 1, optimised=False), 0)
    counted = {layer.name: layer.macs for layer in written}
    layers = _from_events(_profiled(path, picture, name, WARM_UP + RUNS), WARM_UP)
    # The profile leaves out integer weights: by its name a layer is found as it was written.
    return [
        replace(layer, macs=counted.get(RENAMED.sub("", layer.name)) or layer.macs)
        for layer in layers
    ]


def macs_of(path: Path, picture: Picture, name: str) -> int:
    """Multiply-accumulates of an ONNX file as it is written. See ``layers_of``."""
    events = _profiled(path, picture, name, 1, optimised=False)
    return sum(layer.macs for layer in _from_events(events, 0))


def kernels(path: Path, picture: Picture, name: str) -> list[dict[str, Any]]:
    """
    The operators of an ONNX file as it is written, in the order in which they ran.

    Returns:
        Of each ``op_name``, and ``input_type_shape`` and ``output_type_shape``: lists of
        {type: shape}, weights included.
    """
    events = _profiled(path, picture, name, 1, optimised=False)
    ran = [event for event in events if event.get("cat") == "Node"]
    return [event["args"] for event in ran if event["name"].endswith("_kernel_time")]


def _profiled(
    path: Path, picture: Picture, name: str, runs: int, optimised: bool = True
) -> list[dict[str, Any]]:
    import onnxruntime

    with tempfile.TemporaryDirectory() as room:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.enable_profiling = True
        options.profile_file_prefix = str(Path(room) / "profile")
        if not optimised:
            options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        for side, pixels in zip(("height", "width"), picture.shape[1:3], strict=True):
            options.add_free_dimension_override_by_name(side, pixels)
        try:
            session = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
            for _ in range(runs):
                session.run(None, {name: picture})
        except Exception as error:  # noqa: BLE001  ONNX Runtime's errors share no other base
            raise ModelError(f"{path}: ONNX Runtime cannot run it: {error}") from error
        events: list[dict[str, Any]] = json.loads(Path(session.end_profiling()).read_text())
    return events


def _from_events(events: list[dict[str, Any]], warm_up: int) -> list[Layer]:
    """Of all runs; the first ``warm_up``, which load kernels, are left out of the mean."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for event in events:
        if event.get("cat") == "Node" and event["name"].endswith("_kernel_time"):
            found[f"{event['name'][:-12]} {event['args'].get('node_index', '')}"].append(event)
    layers = []
    for name, each in found.items():
        args = each[0]["args"]
        outputs = args.get("output_type_shape") or [{"": []}]
        ms = sum(event["dur"] for event in each[warm_up:]) / max(1, len(each) - warm_up) / 1e3
        precision = next(iter(outputs[0]), "")
        layers.append(
            Layer(
                name.split(" ")[0], args["op_name"], precision, round(ms, 4), macs_of_kernel(args)
            )
        )
    return layers


def macs_of_kernel(args: dict[str, Any]) -> int:
    """Multiply-accumulates of one of ``kernels``; 0 if it has none."""
    kind = args["op_name"]
    inputs = [tuple(next(iter(shape.values()))) for shape in args.get("input_type_shape", [])]
    outputs = [tuple(next(iter(shape.values()))) for shape in args.get("output_type_shape", [])]
    if kind in CONVOLUTIONS:
        return convolution(outputs[0], inputs[1])
    if kind == "ConvTranspose":
        return convolution(inputs[0], inputs[1])
    return prod(outputs[0]) * inputs[0][-1] if kind in PRODUCTS else 0
