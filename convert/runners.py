"""Anything that mattes, by its name: PyTorch itself, or any kind of the service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from urllib.parse import parse_qsl

from convert.errors import ConversionError
from edge import plugins
from edge.errors import InputError
from edge.fit import fit, place
from edge.frame import Alpha, Frame, Rgb
from edge.matting import MattingModel
from edge.tensorrt.awaited import Awaited
from edge.zoo import Zoo
from edge.zoo.card import ModelInput

Run: TypeAlias = Callable[[Rgb], Alpha]

HINTS = {"f32": "fp32", "bf16": "bf16", "f16": "fp16"}  # OpenVINO's words to ours


@dataclass(frozen=True, slots=True)
class Runner:
    """
    Attributes:
        spec: such as "openvino:u2netp?precision=bf16" or "torch:u2netp".
        precision: the one whose limits it is held to.
        run: (H, W, 3) uint8 RGB to alpha at the model's resolution.
    """

    spec: str
    precision: str
    run: Run


def load(spec: str, zoo: Zoo) -> Runner:
    """
    What ``spec`` names: ``torch:MODEL?weights=FILE``, or as ``edge --matting`` takes it.

    Raises:
        EdgeError: no such kind or model, or it cannot be had, loaded or run here.
    """
    if spec.partition(":")[0] == "torch":
        return _torch(spec, zoo)
    model: MattingModel = plugins.make("edge.matting", spec, zoo=zoo)
    if isinstance(model, Awaited):
        name = spec.partition(":")[2].partition("?")[0]
        raise ConversionError(
            f"{spec}: its engine is not built yet. Run: python -m convert tensorrt --model {name}"
        )

    def run(image: Rgb) -> Alpha:
        model.reset()
        return model.matte(Frame(image, 0, 0)).alpha

    return Runner(spec, _precision(spec, model), run)


def _precision(spec: str, model: MattingModel) -> str:
    card = getattr(model, "card", None)
    made = str(card.precision) if card is not None else "fp32"
    asked = dict(parse_qsl(spec.partition("?")[2])).get("precision", "")
    computed = HINTS.get(asked, asked or made)
    return made if made == "int8" else computed


def _torch(spec: str, zoo: Zoo) -> Runner:
    import torch

    from convert import origins, weights
    from convert.export import Deployed
    from convert.networks import make

    name, _, query = spec.partition(":")[2].partition("?")
    options = dict(parse_qsl(query))
    if options.keys() - {"weights", "size"}:
        raise InputError(f"{spec}: wanted torch:MODEL, ?weights=FILE and size=HEIGHTxWIDTH")
    network = make(name)
    height, width = _sides(spec, options.get("size", "320x320"))
    network.check_size(width, height)
    given = Path(options["weights"]) if "weights" in options else None
    weights.load(network, origins.find(name, given, zoo).path)
    deployed = Deployed(network).eval()
    ends = ModelInput(width=width, height=height, fit="stretch", interpolation="linear")

    def run(image: Rgb) -> Alpha:
        placed = place((image.shape[1], image.shape[0]), ends.size, ends.fit)
        fitted = fit(image, placed, ends.interpolation)
        with torch.inference_mode():
            alpha: Alpha = deployed(torch.from_numpy(fitted)[None])[0, 0].numpy()
        return alpha

    return Runner(spec, "fp32", run)


def _sides(spec: str, text: str) -> tuple[int, int]:
    height, _, width = text.partition("x")
    if not (height.isdecimal() and width.isdecimal()):
        raise InputError(f"{spec}: size={text}: wanted HEIGHTxWIDTH, such as 192x320")
    return int(height), int(width)
