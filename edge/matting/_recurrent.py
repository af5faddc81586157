"""A network that remembers: each frame is matted with what it kept from those before."""

from __future__ import annotations

import logging
import math
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.errors import ModelError, ModelMismatch
from edge.fit import Placement, fit_into, place, unfit
from edge.frame import Frame, Matte, Rgb
from edge.matting._onnxruntime import load, provider
from edge.zoo.card import Card
from edge.zoo.card_file import check_file
from edge.zoo.memory import Memory

logger = logging.getLogger(__name__)

NOTHING = np.zeros((1, 1, 1, 1), np.float32)  # what a network has before its first frame
_BYTES, _FLOATS = "tensor(uint8)", "tensor(float)"


class Recurrent:
    """
    A MattingModel with memory, which may also estimate the foreground.

    A frame of another size, or a matte that is not finite, ends what it remembers.

    Args:
        model: the file; it must be the one that ``card`` describes.
        card: says how frames are fitted and what is remembered.
        threads: of the CPU, for one frame; 0 for one per core.
        mend: what to run when the file is wrong, for messages.

    Raises:
        ModelError: the runtime is missing or cannot load the file.
        ModelMismatch: the file is not what its card says, or no such graph as is run here.
        ModelMissing: there is no file.
    """

    def __init__(self, model: Path, card: Card, threads: int = 0, mend: str = "") -> None:
        if card.memory is None:
            raise ModelMismatch(f"{model}: its card does not say what it remembers. {mend}")
        check_file(card, model, mend)
        self.card = card
        self._memory = card.memory
        self._session = load(model, threads, mend)
        _check_ends(self._session, card, card.memory, f"{model}: {{}}. {mend}")
        self.provider = provider(self._session)
        self._outputs = [card.output, *card.memory.outputs]
        self._states: dict[str, NDArray[np.float32]] = {}
        self._size: tuple[int, int] | None = None
        self.reset()
        logger.info("%s runs on %s", card.id, self.provider.removesuffix("ExecutionProvider"))

    def matte(self, frame: Frame) -> Matte:
        """
        Estimate alpha, (h, w) float32, and the foreground if the network gives one.

        Values that are not finite are passed on as they are: the guard refuses such a matte.

        Raises:
            ModelError: the runtime failed.
        """
        if frame.size != self._size:
            self._start(frame.size)
        given = self.card.input
        fit_into(self._feed[given.name][0], frame.image, self._placement, given.interpolation)
        try:
            alpha, *others = self._session.run(self._outputs, self._feed | self._states)
        except Exception as error:  # noqa: BLE001 - ONNX Runtime's errors share no other base
            self.reset()
            raise ModelError(f"{self.card.id}: ONNX Runtime failed: {error}") from error
        foreground = others.pop(0) if self._memory.foreground else None
        if math.isfinite(float(alpha.sum())):
            names = (state.input for state in self._memory.states)
            self._states = dict(zip(names, others, strict=True))
        else:
            self.reset()  # or no later matte would be finite either
        colours = self._colours(foreground, frame.size)
        return Matte(unfit(alpha[0, 0], self._placement), colours, self.card.certainties)

    def reset(self) -> None:
        """Forget earlier frames: the next one starts a new scene."""
        self._states = {state.input: NOTHING for state in self._memory.states}

    def _start(self, size: tuple[int, int]) -> None:
        """Make ready for frames of ``size``."""
        self.reset()
        self._placement: Placement = place(size, self.card.input.size, self.card.input.fit)
        width, height = self._placement.input_size
        self._feed: dict[str, NDArray[Any]] = {
            self.card.input.name: np.empty((1, height, width, 3), np.uint8)  # filled anew each time
        }
        if self._memory.ratio:
            ratio = self._memory.downsample(width, height)
            self._feed[self._memory.ratio] = np.array([ratio], np.float32)
        self._size = size

    def _colours(self, foreground: NDArray[np.uint8] | None, size: tuple[int, int]) -> Rgb | None:
        """At the frame's size, from (1, h, w, 3)."""
        if foreground is None:
            return None
        inner: Rgb = foreground[0][self._placement.window]
        if (inner.shape[1], inner.shape[0]) == size:
            return inner
        return np.asarray(cv2.resize(inner, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def _check_ends(session: Any, card: Card, memory: Memory, message: str) -> None:
    """Raise ModelMismatch unless the graph's inputs and outputs are those that the card says."""
    taken = {card.input.name: _BYTES, **dict.fromkeys(memory.inputs, _FLOATS)}
    given = {card.output: _FLOATS, **dict.fromkeys(memory.outputs, _FLOATS)}
    if memory.foreground:
        given[memory.foreground] = _BYTES
    found = (
        {end.name: end.type for end in session.get_inputs()},
        {end.name: end.type for end in session.get_outputs()},
    )
    if found != (taken, given):
        told = f"the graph takes {found[0]} and gives {found[1]}; its card says {taken} and {given}"
        raise ModelMismatch(message.format(told))
    sides = session.get_inputs()[[*found[0]].index(card.input.name)].shape[1:3]
    width, height = card.input.size
    if card.input.fit != "within" and sides != [height, width]:
        told = f"the graph takes pictures of {sides}; its card says {[height, width]}"
        raise ModelMismatch(message.format(told))
    if card.input.fit == "within" and any(isinstance(side, int) for side in sides):
        raise ModelMismatch(message.format(f"the graph takes pictures of {sides}; wanted any size"))
