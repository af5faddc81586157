"""
``tensorrt:ID``, ``tensorrt:FILE.onnx`` or ``tensorrt:FILE.engine``: a model on an NVIDIA GPU.

An engine is tied to this TensorRT and this GPU. Where none is here yet it is built beside the
service, by ``python -m convert tensorrt``, while ``onnx:`` serves; then it takes over.
Options: ``?precision=fp32|fp16|int8``, ``dla=N`` (a core), ``cuda=pycuda|cuda-python``, and
``fit=cuda``: the GPU resizes the frame to the model's input, too.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast, get_args
from urllib.parse import parse_qsl

from edge import plugins
from edge.cuda.compiler import compile_kernels
from edge.cuda.driver import require_gpu
from edge.cuda.opening import BINDINGS, open_cuda
from edge.errors import InputError, ModelMismatch, ModelMissing
from edge.fit import unfit
from edge.frame import Frame, Matte
from edge.matting import MattingModel
from edge.matting._sizes import BySize
from edge.tensorrt import record
from edge.tensorrt.awaited import Awaited, Plan
from edge.tensorrt.engine import Engine
from edge.tensorrt.key import (
    Precision,
    check_engine,
    default_precision,
    engine_key,
    engines_folder,
)
from edge.tensorrt.library import load_library
from edge.zoo import Zoo, default_cache
from edge.zoo.card import Card
from edge.zoo.card_file import check_file, read_card

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Options:
    """What follows the ``?``."""

    precision: Precision | None = None
    dla_core: int | None = None
    cuda: str = ""
    fit_on_gpu: bool = False


class TensorRt:
    """
    A MattingModel without memory: each frame is matted by itself.

    Args:
        path: the engine; it must be the one that the card beside it describes.
        options: how it is run; its precision and DLA core are those of the file.
        mend: what to run when the file is wrong, for messages.

    Raises:
        InputError: the GPU is to fit the frames, and cannot as the card says.
        ModelError: no GPU, no TensorRT, or not enough memory.
        ModelMismatch: the file is not what its card says, or built for another GPU or TensorRT.
        ModelMissing: there is no file, or no card.
    """

    def __init__(self, path: Path, options: Options = Options(), mend: str = "") -> None:
        gpu = require_gpu()  # before TensorRT is touched
        library = load_library()
        self.card = read_card(path, mend)
        check_file(self.card, path, mend)
        check_engine(self.card, path, library, gpu, mend)
        how = self.card.input.interpolation
        if options.fit_on_gpu and how != "linear":
            raise InputError(f"{path}: fit=cuda resizes bilinearly; its card says {how}")
        cubin = compile_kernels(gpu.architecture) if options.fit_on_gpu else None

        def engine(size: tuple[int, int]) -> Engine:
            cuda = open_cuda(options.cuda)
            return Engine(library, path, self.card.at(size), cuda, mend, cubin)

        self._engines = BySize(self.card.input, engine)
        logger.info("%s runs on %s, by %s", self.card.id, gpu, library.title)

    def matte(self, frame: Frame) -> Matte:
        """
        Estimate alpha, (h, w) float32 at the model's resolution, as the network gives it.

        Raises:
            ModelError: the GPU failed.
        """
        chosen = self._engines.choose(frame.size)
        alpha = chosen.runner.run(frame.image, chosen.placement)
        return Matte(unfit(alpha, chosen.placement), presence=self.card.certainties)

    def reset(self) -> None:
        """Nothing to forget."""


def check(argument: str, *, zoo: Zoo) -> None:
    """Raise InputError if the argument is malformed, or names no model of ``zoo`` and no file."""
    name, _, query = argument.partition("?")
    _options(argument, query)
    if not name:
        raise InputError("tensorrt: wanted a model's id or file, as in tensorrt:u2netp")
    if not _is_file(name):
        zoo.card(name)


def make(argument: str, *, zoo: Zoo | None = None) -> MattingModel:
    """
    Load the model that ``argument`` names, or begin to build it.

    Args:
        argument: an id of ``zoo``, or the path of an ONNX file or engine; options may follow.
        zoo: where ids are looked up and engines are kept; the user's own cache by default.

    Raises:
        InputError: the argument is malformed or names no model.
        ModelError: see TensorRt.
        StorageError: the cache cannot be read or written.
    """
    zoo = zoo or Zoo(default_cache())
    check(argument, zoo=zoo)  # refuses what does not run here before anything is fetched
    name, _, query = argument.partition("?")
    options = _options(argument, query)
    if name.endswith(".engine"):
        mend = "Build it on this machine: python -m convert tensorrt"
        return TensorRt(Path(name).expanduser(), options, mend)
    require_gpu()  # neither is worth fetching a model for
    library = load_library()
    source = _source(name, zoo)
    precision = options.precision or default_precision(source)
    key = engine_key(source, precision, library, library.gpu(), options.dla_core)
    engine = engines_folder(zoo.cache) / key.file
    arguments = _arguments(name, precision, options, zoo)
    mend = f"Run: python -m convert tensorrt {' '.join(arguments)}"

    def load() -> MattingModel:
        return TensorRt(engine, options, mend)

    if record.passed(engine):
        try:
            return load()
        except (ModelMismatch, ModelMissing) as error:
            logger.warning("%s. It is built anew", error)
            record.drop(engine)
    standby: MattingModel = plugins.make("edge.matting", f"onnx:{name}", zoo=zoo)
    return Awaited(standby, Plan(engine, precision, arguments, load))


def _source(name: str, zoo: Zoo) -> Card:
    """The card of the ONNX file that an engine is built from."""
    if _is_file(name):
        path = Path(name).expanduser()
        return read_card(path, "Write one: python -m convert card FILE")
    zoo.path(name)
    return zoo.card(name)


def _arguments(name: str, precision: str, options: Options, zoo: Zoo) -> list[str]:
    own = None if _is_file(name) else zoo.own(name)  # whose folder another process may not know
    path = own[0] if own else Path(name).expanduser()
    source = ["--onnx", str(path.resolve())] if own or _is_file(name) else ["--model", name]
    dla = [] if options.dla_core is None else ["--dla", str(options.dla_core)]
    cache = ["--cache-dir", str(zoo.cache.resolve())]
    return [*source, "--precision", precision, *dla, *cache]


def _is_file(name: str) -> bool:
    return "/" in name or name.endswith((".onnx", ".engine"))


def _options(argument: str, query: str) -> Options:
    options = Options()
    for key, text in parse_qsl(query, keep_blank_values=True):
        if key == "precision" and text in get_args(Precision):
            options = replace(options, precision=cast(Precision, text))
        elif key == "dla" and text.isdecimal():
            options = replace(options, dla_core=int(text))
        elif key == "cuda" and text in BINDINGS:
            options = replace(options, cuda=text)
        elif key == "fit" and text in ("cpu", "cuda"):
            options = replace(options, fit_on_gpu=text == "cuda")
        else:
            raise InputError(
                f"tensorrt:{argument}: {key}={text}: wanted precision=fp32, fp16 or int8, "
                f"dla=CORE, cuda={' or '.join(BINDINGS)}, or fit=cpu or cuda"
            )
    return options
