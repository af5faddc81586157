"""
``auto:``: the best matte that keeps up with the source; ``auto:ID``: the fastest way to run one.

``auto:`` chooses among the models that need no fetching, see ``edge.matting._choosing``.

``auto:ID`` is the fastest runtime on this machine that mattes as ONNX Runtime does in fp32.
Each runtime that is installed gets the model, and each product of it that ``python -m convert all``
put into the cache. What differs from the reference by more than ``edge.parity`` allows is out; the
rest are timed by turns. The pick is remembered until the model, a runtime or the machine changes.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from edge import plugins
from edge.cuda.driver import require_gpu
from edge.errors import EdgeError, InputError, ModelError
from edge.frame import Frame, Matte
from edge.matting import MattingModel
from edge.matting._choosing import Choosing
from edge.matting._pick import Pick, products, recall, remember, signature
from edge.matting._race import compared, frames, race
from edge.matting._ranking import ranked
from edge.parity import fault
from edge.zoo import Zoo, default_cache

logger = logging.getLogger(__name__)

FALLBACK = "u2netp"  # where the project's own models are missing
GAIN = 1.05  # so much faster than the reference, or it is not worth another runtime


class Auto:
    """
    The model that was picked.

    Attributes:
        spec: what runs, such as "openvino:u2netp".
        label: for people: what runs and why.
    """

    def __init__(self, model: MattingModel, pick: Pick) -> None:
        self.spec = pick.spec
        self.label = f"{pick.spec}: {pick.why}"
        self._model = model

    def matte(self, frame: Frame) -> Matte:
        """As the picked model does."""
        return self._model.matte(frame)

    def reset(self) -> None:
        """Forget earlier frames."""
        self._model.reset()


@dataclass(frozen=True, slots=True)
class _Candidate:
    """Attributes: ``precision`` is the one it is held to."""

    spec: str
    precision: str


def check(argument: str, *, zoo: Zoo) -> None:
    """Raise InputError if there are options, or no such model."""
    if "?" in argument or "/" in argument:
        raise InputError(f"auto:{argument}: wanted the id of a model, as in auto:u2netp, or none")
    if argument:
        zoo.card(argument)


def make(argument: str, *, zoo: Zoo | None = None) -> MattingModel:
    """
    Choose a model, or pick a runtime for one, and load it.

    Args:
        argument: an id of ``zoo``; empty for the best of those that need no fetching.
        zoo: where the id is looked up and fetched to; the user's own cache by default.

    Raises:
        InputError: there are options, or no such model.
        ModelError: ONNX Runtime, the reference, cannot run it.
        StorageError: the cache cannot be read or written.
    """
    zoo = zoo or Zoo(default_cache())
    check(argument, zoo=zoo)
    cards = [] if argument else ranked(zoo)
    if cards:
        on_gpu = _tensorrt(cards[0].id, zoo)
        return _started(*on_gpu) if on_gpu else Choosing(zoo, lambda spec: _load(spec, zoo))
    return _fastest(argument or FALLBACK, zoo)


def _fastest(name: str, zoo: Zoo) -> Auto:
    zoo.path(name)
    key = signature(zoo.card(name), products(zoo, name))
    pick = recall(zoo.cache, key)
    if pick is not None:
        try:
            return _started(_load(pick.spec, zoo), pick)
        except EdgeError as error:
            logger.warning("%s was picked before, but fails now: %s", pick.spec, error)
    model, pick = _choose(name, zoo)
    remember(zoo.cache, key, pick)
    return _started(model, pick)


def _started(model: MattingModel, pick: Pick) -> Auto:
    logger.info("auto runs %s: %s", pick.spec, pick.why)
    return Auto(model, pick)


def _load(spec: str, zoo: Zoo) -> MattingModel:
    model: MattingModel = plugins.make("edge.matting", spec, zoo=zoo)
    return model


def _choose(name: str, zoo: Zoo) -> tuple[MattingModel, Pick]:
    reference = f"onnx:{name}"
    tensorrt = _tensorrt(name, zoo)
    if tensorrt is not None:
        return tensorrt
    running = {reference: _load(reference, zoo)}
    shown = frames()
    refused: list[str] = []
    for candidate in _candidates(name, zoo):
        try:
            model = _load(candidate.spec, zoo)
            broken = fault(compared(model, running[reference], shown), candidate.precision)
        except (EdgeError, ValueError) as error:
            refused.append(f"{candidate.spec}: {error}")
            continue
        if broken is None:
            running[candidate.spec] = model
        else:
            refused.append(
                f"{candidate.spec}: {broken.what} is {broken.found:.3g}, limit {broken.limit:.3g}"
            )
    for reason in refused:
        logger.info("auto leaves out %s", reason)
    times_s = race(running, shown)
    best = min(times_s, key=lambda spec: times_s[spec])
    if times_s[best] * GAIN > times_s[reference]:
        best = reference
    why = _why(best, reference, times_s)
    return running[best], _picked(best, why, times_s, refused)


def _picked(spec: str, why: str, times_s: dict[str, float], refused: list[str]) -> Pick:
    return Pick(spec=spec, why=why, times_s=times_s, refused=refused, picked_at=time.time())


def _why(best: str, reference: str, times_s: dict[str, float]) -> str:
    count = len(times_s)
    if count == 1:
        return "the only runtime here that passes"
    if best == reference:
        return f"none of {count - 1} others that pass is {GAIN - 1:.0%} faster"
    gain = times_s[reference] / times_s[best]
    return f"{gain:.1f} times as fast as {reference}, the fastest of {count} that pass"


def _candidates(name: str, zoo: Zoo) -> list[_Candidate]:
    """Beside the reference; what is not installed refuses by itself."""
    found = [
        _Candidate(f"openvino:{name}", "fp32"),
        _Candidate(f"openvino:{name}?precision=bf16", "bf16"),
    ]
    made = products(zoo, name)
    has_ir = any((card.runtime, card.precision) == ("openvino", "int8") for _, card in made)
    for path, card in made:
        if card.runtime == "onnx" and card.precision != "fp32":
            found.append(_Candidate(f"onnx:{path}", card.precision))
        if card.precision == "int8" and (card.runtime == "openvino" or not has_ir):
            found.append(_Candidate(f"openvino:{path}", "int8"))
            found.append(_Candidate(f"openvino:{path}?precision=bf16", "int8"))
    return found


def _tensorrt(name: str, zoo: Zoo) -> tuple[MattingModel, Pick] | None:
    """On an NVIDIA GPU with TensorRT nothing else comes near, and ``tensorrt:`` tries itself."""
    try:
        gpu = require_gpu()
        model = _load(f"tensorrt:{name}", zoo)
    except ModelError as error:
        logger.info("auto leaves out tensorrt:%s: %s", name, error)
        return None
    why = f"TensorRT on {gpu}; each engine is tried against onnx:{name} before it serves"
    return model, _picked(f"tensorrt:{name}", why, {}, [])
