"""An engine on its GPU: buffers, stream, graph; picture in, alpha out."""

from __future__ import annotations

import logging
import weakref
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from edge.cuda import Cuda
from edge.cuda.buffers import Buffer, allocate
from edge.cuda.graph import Replay
from edge.errors import ModelError, ModelMismatch
from edge.fit import Placement
from edge.frame import Alpha, Rgb
from edge.tensorrt.fitting import DeviceFitter, Fitter, HostFitter
from edge.tensorrt.library import Library
from edge.zoo.card import Card

logger = logging.getLogger(__name__)


class Engine:
    """
    One execution context with fixed shapes. For one thread at a time, whichever.

    Args:
        library: the TensorRT that built the file.
        path: the file, as its card says.
        cuda: used by nothing else; closed with this.
        mend: what to run when the file is wrong, for messages.
        cubin: our kernels for this GPU, which then fits the frames; None to fit them on the CPU.

    Raises:
        ModelMismatch: TensorRT refuses the file, or its ends are not those of the card.
        ModelError: the GPU has not enough memory, or fails.
    """

    def __init__(
        self,
        library: Library,
        path: Path,
        card: Card,
        cuda: Cuda,
        mend: str,
        cubin: bytes | None = None,
    ) -> None:
        self._library, self._cuda, self._title = library, cuda, card.id
        held: list[Any] = []  # in the order in which TensorRT must make them
        weakref.finalize(self, _release, held, cuda)
        with cuda.active():
            held.append(library.api.Runtime(library.logger))
            held.append(_deserialise(held[0], library, path, mend))
            check_ends(library.api, held[1], card, path, mend)
            held.append(held[1].create_execution_context())
            if held[2] is None:
                raise ModelError(
                    f"{card.id}: TensorRT cannot run it: {library.said.why()}. "
                    "The GPU's memory may be full: end other programs that use it"
                )
            self._held = held
            width, height = card.input.size
            self._stream = cuda.stream()
            target = self._bind(card.input.name, (1, height, width, 3), np.uint8)
            self._output = self._bind(card.output, (1, 1, height, width), np.float32)
            self._fitter: Fitter = HostFitter(cuda, target, card.input.interpolation)
            if cubin is not None:
                self._fitter = DeviceFitter(cuda, cubin, target)
        self._enqueue = self._replay()

    def run(self, image: Rgb, placement: Placement) -> Alpha:
        """
        Matte ``image``, which lies in the input as ``placement`` says.

        Returns:
            (height, width) float32 of the whole input, a new array.

        Raises:
            ModelError: the GPU failed.
        """
        with self._cuda.active():
            if self._fitter.draw(image, placement):
                self._enqueue = self._replay()
            try:
                self._enqueue()
            finally:  # also after a fault: nothing may still be using the buffers
                self._cuda.synchronize(self._stream)
        return np.array(self._output.host[0, 0])

    def enqueue(self) -> None:
        """Give the stream one picture's work."""
        self._fitter.enqueue(self._stream)
        if not self._held[2].execute_async_v3(self._stream):
            why = self._library.said.why()
            raise ModelError(f"{self._title}: TensorRT could not be run: {why}")
        self._output.download(self._cuda, self._stream)

    def _replay(self) -> Replay:
        # The graph may not keep its owner alive, or the memory would never be freed.
        owner = weakref.proxy(self)
        return Replay(self._stream, lambda: owner.enqueue())

    def _bind(self, name: str, shape: tuple[int, ...], dtype: Any) -> Buffer:
        """A buffer for one end, known to the context."""
        buffer = allocate(self._cuda, shape, dtype)
        _, engine, context = self._held
        bound = context.set_tensor_address(name, buffer.pointer)
        if engine.get_tensor_mode(name) == self._library.api.TensorIOMode.INPUT:
            bound = context.set_input_shape(name, shape) and bound
        if not bound:
            why = self._library.said.why()
            raise ModelMismatch(f"{self._title}: TensorRT refuses {name} as {shape}: {why}")
        return buffer


def _deserialise(runtime: Any, library: Library, path: Path, mend: str) -> Any:
    """An ``ICudaEngine``."""
    try:
        plan = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: {error.strerror}. {mend}") from error
    engine = runtime.deserialize_cuda_engine(plan)
    if engine is None:
        raise ModelMismatch(f"{path}: {library.title} refuses it: {library.said.why()}. {mend}")
    return engine


def check_ends(api: Any, engine: Any, card: Card, path: Path, mend: str) -> None:
    """
    Raise ModelMismatch unless the engine's one input and output are those of the card.

    A dimension of -1 is open, and set at run time.
    """
    width, height = card.input.size
    modes, types = api.TensorIOMode, api.DataType
    wanted = [
        (card.input.name, modes.INPUT, types.UINT8, (1, height, width, 3)),
        (card.output, modes.OUTPUT, types.FLOAT, (1, 1, height, width)),
    ]
    names = [engine.get_tensor_name(i) for i in range(engine.num_io_tensors)]
    found = [
        (
            name,
            engine.get_tensor_mode(name),
            engine.get_tensor_dtype(name),
            tuple(engine.get_tensor_shape(name)),
        )
        for name in sorted(names, key=lambda name: name != card.input.name)
    ]
    if [end[:3] for end in found] != [end[:3] for end in wanted] or not all(
        _fits(f[3], w[3]) for f, w in zip(found, wanted, strict=True)
    ):
        raise ModelMismatch(
            f"{path}: the engine's ends are {_words(found)}; its card says {_words(wanted)}. {mend}"
        )


def _fits(found: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    return len(found) == len(wanted) and all(
        f in (-1, w) for f, w in zip(found, wanted, strict=True)
    )


def _release(held: list[Any], cuda: Cuda) -> None:
    """Give back the GPU's memory: TensorRT's objects newest first, then ours."""
    with suppress(ModelError), cuda.active():  # the driver may be gone as the process ends
        while held:
            held.pop()
    cuda.close()


def _words(ends: list[Any]) -> str:
    return ", ".join(f"{name} {dtype} {shape}" for name, _, dtype, shape in ends)
