"""
``openvino:ID``, ``openvino:FILE.onnx`` or ``openvino:FILE.xml``: a model of OpenVINO.

Options: ``?device=CPU`` (or GPU, NPU, AUTO), ``precision=f32|bf16|f16`` of what is not int8 in the
graph, ``threads=N`` of the CPU. An IR is made by ``python -m convert openvino``. Compiled models
are kept in the cache, so that the next start is quicker.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import numpy as np

from edge.errors import InputError, ModelError, ModelMismatch
from edge.fit import unfit
from edge.frame import Frame, Matte
from edge.matting._openvino import (
    Options,
    brief,
    check_device,
    check_ends,
    load_core,
    parse_options,
    properties,
)
from edge.matting._sizes import BySize
from edge.zoo import Zoo, default_cache
from edge.zoo.card import Card
from edge.zoo.card_file import check_file, read_card

logger = logging.getLogger(__name__)


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
        core = load_core()
        check_device(core, options)

        def request(size: tuple[int, int]) -> Any:
            source: Any = str(model)
            try:
                if card.input.sizes:
                    source = core.read_model(source)
                    source.reshape([1, size[1], size[0], 3])
                compiled = core.compile_model(
                    source, options.device, properties(card, options, cache)
                )
                loaded = compiled.create_infer_request()
            except Exception as error:  # noqa: BLE001 - OpenVINO's errors are RuntimeError and more
                raise ModelError(
                    f"{model}: OpenVINO cannot load it: {brief(error)}. {mend}"
                ) from error
            check_ends(compiled, card.at(size), model, mend)
            return loaded

        self._requests = BySize(card.input, request)
        logger.info("%s runs on OpenVINO's %s", card.id, options.device)

    def matte(self, frame: Frame) -> Matte:
        """
        Estimate alpha, (h, w) float32 at the model's resolution, as the network gives it.

        Raises:
            ModelError: the runtime failed.
        """
        drawn = self._requests.draw(frame)
        feed = {self.card.input.name: drawn.picture}
        try:
            results = drawn.runner.infer(feed, share_inputs=True)
        except Exception as error:  # noqa: BLE001 - OpenVINO's errors are RuntimeError and more
            raise ModelError(f"{self.card.id}: OpenVINO failed: {brief(error)}") from error
        alpha = np.array(results[self.card.output][0, 0], np.float32)  # its buffer is used again
        return Matte(unfit(alpha, drawn.placement), presence=self.card.certainties)

    def reset(self) -> None:
        """Nothing to forget."""


def check(argument: str, *, zoo: Zoo) -> None:
    """Raise InputError if the argument is malformed, or names no model of ``zoo`` and no file."""
    name, _, query = argument.partition("?")
    parse_options(argument, query)
    if not name:
        raise InputError("openvino: wanted a model's id or file, as in openvino:u2netp")
    if not _is_file(name):
        zoo.card(name)


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
    zoo = zoo or Zoo(default_cache())
    check(argument, zoo=zoo)  # refuses what does not run here before anything is fetched
    name, _, query = argument.partition("?")
    options = parse_options(argument, query)
    compiled = zoo.cache / "openvino"
    if _is_file(name):
        path = Path(name).expanduser()
        mend = "Make it anew: python -m convert openvino"
        return OpenVino(path, read_card(path, mend), options, compiled, mend)
    mend = f"Run: python -m edge models fetch {name}"
    return OpenVino(zoo.path(name), zoo.card(name), options, compiled, mend)


def _is_file(name: str) -> bool:
    return "/" in name or name.endswith((".onnx", ".xml"))


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
