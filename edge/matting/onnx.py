"""
``onnx:ID`` or ``onnx:FILE``, with ``?threads=N``: a model of ONNX Runtime, on CUDA or the CPU.

ID is one of ``python -m edge models``; FILE lies anywhere, with its card beside it. Either must
take (1, H, W, 3) uint8 RGB and give alpha (1, 1, H, W), as ``edge.zoo.wrapping`` and ``convert``
make them. A recurrent one also takes and gives what its card says it remembers.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from edge.errors import InputError, ModelError, ModelMismatch, ModelMissing
from edge.fit import unfit
from edge.frame import Frame, Matte
from edge.matting._onnxruntime import load, provider
from edge.matting._recurrent import Recurrent
from edge.matting._sizes import BySize
from edge.zoo import Zoo, default_cache
from edge.zoo.card import Card
from edge.zoo.card_file import check_file, read_card

logger = logging.getLogger(__name__)


class Onnx:
    """
    A MattingModel without memory: each frame is matted by itself.

    Where the card lists several sizes, a frame is matted at the one that is nearest in aspect.

    Args:
        model: the file; it must be the one that ``card`` describes.
        card: says how frames are fitted.
        threads: of the CPU, for one frame; 0 for one per core.
        mend: what to run when the file is wrong, for messages.

    Raises:
        ModelError: the runtime is missing or cannot load the file.
        ModelMismatch: the file is not what its card says, or no such graph as is run here.
        ModelMissing: there is no file.
    """

    def __init__(self, model: Path, card: Card, threads: int = 0, mend: str = "") -> None:
        if card.runtime != "onnx" or card.recurrent:
            what = "recurrent " * card.recurrent + card.runtime
            raise ModelMismatch(f"{model}: its card says {what}; onnx: runs plain ONNX. {mend}")
        check_file(card, model, mend)
        self.card = card

        def session(size: tuple[int, int]) -> Any:
            loaded = load(model, threads, mend, size if card.input.sizes else None)
            _check_ends(loaded, card.at(size), model, mend)
            return loaded

        self._sessions = BySize(card.input, session)
        self.provider = provider(self._sessions.first)
        logger.info("%s runs on %s", card.id, self.provider.removesuffix("ExecutionProvider"))

    def matte(self, frame: Frame) -> Matte:
        """
        Estimate alpha, (h, w) float32 at the model's resolution, as the network gives it.

        Values that are not finite are passed on as they are: the guard refuses such a matte.

        Raises:
            ModelError: the runtime failed.
        """
        drawn = self._sessions.draw(frame)
        feed = {self.card.input.name: drawn.picture}
        try:
            (alpha,) = drawn.runner.run([self.card.output], feed)
        except Exception as error:  # noqa: BLE001 - ONNX Runtime's errors share no other base
            raise ModelError(f"{self.card.id}: ONNX Runtime failed: {error}") from error
        return Matte(unfit(alpha[0, 0], drawn.placement), presence=self.card.certainties)

    def reset(self) -> None:
        """Nothing to forget."""


def check(argument: str, *, zoo: Zoo) -> None:
    """Raise InputError if the argument is malformed, or names no model of ``zoo`` and no file."""
    name, _, query = argument.partition("?")
    _threads(argument, query)
    if not name:
        raise InputError("onnx: wanted a model's id or file, as in onnx:u2netp")
    if not _is_file(name):
        zoo.card(name)


def make(argument: str, *, zoo: Zoo | None = None) -> Onnx | Recurrent:
    """
    Load the model that ``argument`` names. What its licence asks is logged.

    Args:
        argument: an id of ``zoo`` or the path of a model file (it has a slash, or ends in
            ``.onnx``), then ``?threads=N`` if wanted.
        zoo: where ids are looked up and fetched to; the user's own cache by default.

    Raises:
        InputError: the argument is malformed or names no model.
        ModelError: see Onnx, Recurrent.
        StorageError: the cache cannot be read or written.
    """
    zoo = zoo or Zoo(default_cache())
    check(argument, zoo=zoo)  # refuses what does not run here before anything is fetched
    name, _, query = argument.partition("?")
    threads = _threads(argument, query)
    if _is_file(name):
        path = Path(name).expanduser()
        mend = "Take the file and its card anew from where they came"
        if not path.is_file():
            raise ModelMissing(f"{path}: no such file. {mend}")
        return _model(path, read_card(path, mend), threads, mend)
    mend = f"Run: python -m edge models fetch {name}"
    return _model(zoo.path(name), zoo.card(name), threads, mend)


def _model(path: Path, card: Card, threads: int, mend: str) -> Onnx | Recurrent:
    kind = Recurrent if card.runtime == "onnx" and card.memory is not None else Onnx
    model = kind(path, card, threads, mend)
    if card.licence.notice:
        logger.warning("%s: %s", card.id, card.licence.notice)
    return model


def _is_file(name: str) -> bool:
    return "/" in name or name.endswith(".onnx")


def _threads(argument: str, query: str) -> int:
    options = parse_qsl(query, keep_blank_values=True)
    if not options:
        return 0
    (key, text), *more = options
    if key != "threads" or more:
        raise InputError(f"onnx:{argument}: the only option there is is ?threads=N")
    if not text.isdecimal() or int(text) > 256:
        raise InputError(f"onnx:{argument}: threads={text}: wanted 1 to 256, or 0 for all cores")
    return int(text)


def _check_ends(session: Any, card: Card, model: Path, mend: str) -> None:
    """Raise ModelMismatch unless the graph's input and output are those that the card says."""
    width, height = card.input.size
    wanted = (
        [(card.input.name, "tensor(uint8)", [1, height, width, 3])],
        [(card.output, "tensor(float)", [1, 1, height, width])],
    )
    found = (
        [(end.name, end.type, end.shape) for end in session.get_inputs()],
        [(end.name, end.type, end.shape) for end in session.get_outputs()],
    )
    if found != wanted:
        raise ModelMismatch(
            f"{model}: the graph takes {found[0]} and gives {found[1]}; "
            f"its card says {wanted[0]} and {wanted[1]}. {mend}"
        )
