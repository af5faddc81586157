"""
The machine's own ceiling: how many multiply-accumulates a second its runtimes reach at best.

Measured on what suits them most, 3x3 convolutions of 128 channels and square matrix products, in
float32, bfloat16 and int8. The best of all rounds is the peak: whatever else the machine did can
only have made it lower.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from bench.ceiling.graphs import convolutions, products
from edge.errors import InputError

ROUNDS = 15
PRECISIONS = ("f32", "bf16", "i8")

Run = Callable[[], object]


def measure_peak(rounds: int = ROUNDS) -> dict[str, dict[str, Any]]:
    """
    Returns:
        Precision -> ``gmac_s``, the best; ``by``, what reached it; ``each``, of all that ran; and
        ``skipped``, what did not and why.
    """
    candidates, skipped = _candidates()
    best_s = dict.fromkeys(candidates, float("inf"))
    for turn in range(rounds + 2):
        for name, (run, _) in candidates.items():
            begin_s = time.perf_counter()
            run()
            if turn >= 2:  # the first ones load kernels
                best_s[name] = min(best_s[name], time.perf_counter() - begin_s)
    rates = {name: candidates[name][1] / best_s[name] / 1e9 for name in candidates}
    peaks: dict[str, dict[str, Any]] = {}
    for precision in PRECISIONS:
        of_it = {name: round(r, 1) for name, r in rates.items() if name.endswith(precision)}
        best = max(of_it, key=lambda name: of_it[name], default="")
        peaks[precision] = {
            "gmac_s": of_it.get(best),
            "by": best,
            "each": of_it,
            "skipped": {k: why for k, why in skipped.items() if k.endswith(precision)},
        }
    return peaks


def _candidates() -> tuple[dict[str, tuple[Run, int]], dict[str, str]]:
    """Name -> what to run and its multiply-accumulates; and name -> why it cannot run."""
    found: dict[str, tuple[Run, int]] = {}
    skipped: dict[str, str] = {}
    graphs = {"convolution": convolutions, "product": products}
    for load in (_onnxruntime, _openvino):
        for shape, make in graphs.items():
            for precision in PRECISIONS:
                name = f"{load.__name__.lstrip('_')} {shape} {precision}"
                data, macs, feed = make(integers=precision == "i8")
                try:
                    found[name] = load(data, feed, precision), macs
                except (ImportError, RuntimeError, InputError) as error:
                    skipped[name] = str(error).strip().splitlines()[-1]
    return found, skipped


def _onnxruntime(data: bytes, feed: Any, precision: str) -> Run:
    import onnxruntime

    if precision == "bf16":
        raise InputError("ONNX Runtime has no bfloat16 kernels on this processor")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    return lambda: session.run(None, {"x": feed})


def _openvino(data: bytes, feed: Any, precision: str) -> Run:
    import openvino

    core = openvino.Core()
    wanted = {"bf16": "BF16", "i8": "INT8", "f32": "FP32"}[precision]
    if wanted not in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        raise InputError(f"this processor has no {wanted}")
    properties = {
        "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "bf16" if precision == "bf16" else "f32",
    }
    request = core.compile_model(core.read_model(data), "CPU", properties).create_infer_request()
    return lambda: request.infer([feed], share_inputs=True)
