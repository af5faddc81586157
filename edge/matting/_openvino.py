"""OpenVINO's devices and options, asked before a model is loaded, and its errors, made short."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from edge.errors import InputError, ModelError, ModelMismatch
from edge.zoo.card import Card

PRECISIONS = ("f32", "bf16", "f16")
DEVICE = re.compile(r"(CPU|NPU|GPU(\.\d)?|AUTO)")
NEEDED = {"bf16": "BF16", "f16": "FP16"}  # what a device must list among its capabilities
THREADS = 256


@dataclass(frozen=True, slots=True)
class Options:
    """
    What follows the ``?``.

    Attributes:
        precision: of the floats; None for the card's on the CPU, elsewhere for the device's own.
        threads: 0 for OpenVINO's own choice.
    """

    device: str = "CPU"
    precision: str | None = None
    threads: int = 0


def parse_options(argument: str, query: str) -> Options:
    """
    The options after the ``?`` of a spec.

    Raises:
        InputError: there is no such option or value.
    """
    options = Options()
    for key, text in parse_qsl(query, keep_blank_values=True):
        if key == "device" and DEVICE.fullmatch(text):
            options = replace(options, device=text)
        elif key == "precision" and text in PRECISIONS:
            options = replace(options, precision=text)
        elif key == "threads" and text.isdecimal() and int(text) <= THREADS:
            options = replace(options, threads=int(text))
        else:
            raise InputError(
                f"openvino:{argument}: {key}={text}: wanted device=CPU, GPU, NPU or AUTO, "
                f"precision={', '.join(PRECISIONS)}, or threads=N up to {THREADS}"
            )
    return options


def load_core() -> Any:
    """
    An ``openvino.Core``.

    Raises:
        ModelError: OpenVINO is not installed.
    """
    try:
        import openvino
    except ImportError as error:
        raise ModelError(
            "OpenVINO is not installed: pip install 'edge-matting[openvino]'"
        ) from error
    return openvino.Core()


def check_device(core: Any, options: Options) -> None:
    """Raise ModelError unless the device is here and can compute in that precision."""
    if options.device == "AUTO":
        return
    present = list(core.available_devices)
    if options.device not in {name for d in present for name in (d, d.partition(".")[0])}:
        raise ModelError(f"OpenVINO finds no {options.device} here, but {', '.join(present)}")
    needed = NEEDED.get(options.precision or "")
    capable = list(core.get_property(options.device, "OPTIMIZATION_CAPABILITIES"))
    if needed and needed not in capable:
        raise ModelError(
            f"{options.device} does not compute in {options.precision}; it has {', '.join(capable)}"
        )


def properties(card: Card, options: Options, cache: Path) -> Mapping[str, Any]:
    """What the model is compiled with."""
    chosen: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY", "CACHE_DIR": str(cache)}
    precision = options.precision
    if precision is None and options.device == "CPU":
        # OpenVINO's own choice is bf16 wherever there is bf16, which is not what a card says.
        precision = "bf16" if card.precision == "bf16" else "f32"
    if precision is not None:
        chosen["INFERENCE_PRECISION_HINT"] = precision
    if options.threads and options.device == "CPU":
        chosen["INFERENCE_NUM_THREADS"] = options.threads
    return chosen


def check_ends(compiled: Any, card: Card, model: Path, mend: str) -> None:
    """Raise ModelMismatch unless the graph's input and output are those that the card says."""
    width, height = card.input.size
    wanted = (
        [(card.input.name, "uint8", (1, height, width, 3))],
        [(card.output, "float32", (1, 1, height, width))],
    )
    found = tuple(
        [
            (
                _name(end),
                end.get_element_type().to_dtype().name,
                tuple(end.partial_shape.to_shape()),
            )
            if end.partial_shape.is_static
            else (_name(end), "", ())
            for end in ends
        ]
        for ends in (compiled.inputs, compiled.outputs)
    )
    if found != wanted:
        raise ModelMismatch(
            f"{model}: the graph takes {found[0]} and gives {found[1]}; "
            f"its card says {wanted[0]} and {wanted[1]}. {mend}"
        )


def _name(end: Any) -> str:
    names = sorted(end.get_names())
    return names[0] if names else ""


def brief(error: Exception) -> str:
    """OpenVINO's messages end with what matters, after the source lines it came through."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else repr(error)
