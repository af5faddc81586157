"""
``openvino:ID``, ``openvino:FILE.onnx`` or ``openvino:FILE.xml``: a model of OpenVINO.

Options: ``?device=CPU`` (or GPU, NPU, AUTO), ``precision=f32|bf16|f16`` of what is not int8 in the
graph, ``threads=N`` of the CPU. An IR is made by ``python -m convert openvino``. Compiled models
are kept in the cache, so that the next start is quicker.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import numpy as np

from edge.errors import InputError, ModelError, ModelMismatch
from edge.fit import Placement, fit_into, place, unfit
from edge.frame import Frame, Matte
from edge.zoo import Zoo, default_cache
from edge.zoo.card import Card, check_file, read_card

logger = logging.getLogger(__name__)

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


class OpenVino:
    """
    A MattingModel without memory: each frame is matted by itself.

    Args:
        model: ONNX file or IR; it must be the one that ``card`` describes.
        card: says how frames are fitted.
        options: what runs it.
        cache: the folder for compiled models.
        mend: what to run when the file is wrong, for messages.

    Raises:
        ModelError: OpenVINO or the device is missing, or cannot run the file.
        ModelMismatch: the file is not what its card says, or no such graph as is run here.
        ModelMissing: there is no file.
    """

    def __init__(
        self, model: Path, card: Card, options: Options, cache: Path, mend: str = ""
    ) -> None:
        _check_kind(card, model, mend)
        check_file(card, model, mend)
        self.card = card
        core = _core()
        _check_device(core, options)
        try:
            compiled = core.compile_model(
                str(model), options.device, _properties(card, options, cache)
            )
            self._request = compiled.create_infer_request()
        except Exception as error:  # noqa: BLE001 - OpenVINO's errors are RuntimeError and more
            raise ModelError(
                f"{model}: OpenVINO cannot load it: {_brief(error)}. {mend}"
            ) from error
        _check_ends(compiled, card, model, mend)
        width, height = card.input.size
        self._input = np.empty((1, height, width, 3), np.uint8)  # one buffer, filled anew
        self._placement: tuple[tuple[int, int], Placement] | None = None
        logger.info("%s runs on OpenVINO's %s", card.id, options.device)

    def matte(self, frame: Frame) -> Matte:
        """
        Estimate alpha, (h, w) float32 at the model's resolution, as the network gives it.

        Raises:
            ModelError: the runtime failed.
        """
        placement = self._place(frame.size)
        fit_into(self._input[0], frame.image, placement, self.card.input.interpolation)
        try:
            results = self._request.infer({self.card.input.name: self._input}, share_inputs=True)
        except Exception as error:  # noqa: BLE001 - OpenVINO's errors are RuntimeError and more
            raise ModelError(f"{self.card.id}: OpenVINO failed: {_brief(error)}") from error
        alpha = np.array(results[self.card.output][0, 0], np.float32)  # its buffer is used again
        return Matte(unfit(alpha, placement))

    def reset(self) -> None:
        """Nothing to forget."""

    def _place(self, size: tuple[int, int]) -> Placement:
        if self._placement is None or self._placement[0] != size:
            self._placement = size, place(size, self.card.input.size, self.card.input.fit)
        return self._placement[1]


def make(argument: str, *, zoo: Zoo | None = None) -> OpenVino:
    """
    Load the model that ``argument`` names.

    Args:
        argument: an id of ``zoo`` or the path of an ``.onnx`` or ``.xml`` file; options may follow.
        zoo: where ids are looked up and fetched to; the user's own cache by default.

    Raises:
        InputError: the argument is malformed or names no model.
        ModelError: see OpenVino.
        StorageError: the cache cannot be read or written.
    """
    name, _, query = argument.partition("?")
    options = _options(argument, query)
    if not name:
        raise InputError("openvino: wanted a model's id or file, as in openvino:u2netp")
    zoo = zoo or Zoo(default_cache())
    compiled = zoo.cache / "openvino"
    if "/" in name or name.endswith((".onnx", ".xml")):
        path = Path(name).expanduser()
        mend = "Make it anew: python -m convert openvino"
        return OpenVino(path, read_card(path, mend), options, compiled, mend)
    zoo.card(name)  # refuses what does not run here before anything is fetched
    mend = f"Run: python -m edge models fetch {name}"
    return OpenVino(zoo.path(name), zoo.card(name), options, compiled, mend)


def _options(argument: str, query: str) -> Options:
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


def _check_kind(card: Card, model: Path, mend: str) -> None:
    if card.runtime not in ("onnx", "openvino") or card.recurrent:
        what = "recurrent " * card.recurrent + card.runtime
        raise ModelMismatch(f"{model}: its card says {what}; openvino: runs ONNX and IR. {mend}")
    if card.quantised is not None and card.quantised.scheme != "cpu":
        # Measured: OpenVINO's CPU plugin makes noise of int8 activations without a zero point.
        raise ModelMismatch(
            f"{model}: quantised for {card.quantised.scheme}, which OpenVINO runs wrongly. Make it "
            "anew: python -m convert onnx --precision int8 --scheme cpu"
        )


def _core() -> Any:
    """An ``openvino.Core``."""
    try:
        import openvino
    except ImportError as error:
        raise ModelError(
            "OpenVINO is not installed: pip install 'edge-matting[openvino]'"
        ) from error
    return openvino.Core()


def _check_device(core: Any, options: Options) -> None:
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


def _properties(card: Card, options: Options, cache: Path) -> Mapping[str, Any]:
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


def _check_ends(compiled: Any, card: Card, model: Path, mend: str) -> None:
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


def _brief(error: Exception) -> str:
    """OpenVINO's messages end with what matters, after the source lines it came through."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else repr(error)
