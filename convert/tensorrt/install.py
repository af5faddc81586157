"""Building an engine once, and putting it with its card where the service looks."""

from __future__ import annotations

import hashlib
import logging
import threading
from pathlib import Path

from convert.tensorrt.cancel import interruptible, signals_raise
from convert.tensorrt.options import Order
from convert.tensorrt.plan import Recipe, build_plan, timing_file
from convert.tensorrt.progress import Report
from convert.tensorrt.source import find_source, typed_graph
from edge.cuda.driver import Gpu
from edge.errors import ModelError
from edge.files import write_atomically
from edge.tensorrt import record
from edge.tensorrt.key import (
    ANY_GPU,
    EngineKey,
    default_precision,
    engine_key,
    engines_folder,
)
from edge.tensorrt.library import Library, load_library
from edge.zoo.card import Card, Engine, Origin
from edge.zoo.card_file import card_path, check_file, read_card
from edge.zoo.fetching.disk import alone, require_room, storing

logger = logging.getLogger(__name__)

ROOM = 4  # an engine takes at most so many times the room of its ONNX file


def build_and_install(order: Order, report: Report) -> Path:
    """
    The engine of ``order``, built if it is not here. Only one process builds the same at a time.

    Returns:
        Its path, with its card beside it.

    Raises:
        ModelError: no GPU, no TensorRT; the ONNX file or its card is missing or wrong.
        ConversionError: TensorRT cannot build it.
        StorageError: the cache cannot be read or written, or is full; nothing was changed.
        Cancelled: by a signal; nothing was changed.
    """
    with signals_raise():
        library = load_library(order.library)
        gpu = library.gpu()  # before anything of TensorRT is made
        path, card = find_source(order)
        precision = order.precision or default_precision(card)
        key = engine_key(card, precision, library, gpu, order.tuning.dla_core)
        folder = engines_folder(order.cache)
        engine = folder / key.file
        with storing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            with alone(folder / f".{key.model}.lock", engine.name):
                if not order.rebuild and _whole(engine):
                    report(1.0)
                    return engine
                require_room(folder, ROOM * card.size_bytes)
                _build(order, key, (path, card), library, gpu, report)
        return engine


def _build(
    order: Order,
    key: EngineKey,
    source: tuple[Path, Card],
    library: Library,
    gpu: Gpu | None,
    report: Report,
) -> None:
    path, card = source
    if order.tuning.dla_core is not None:
        card = card.at(card.input.size)  # a DLA core takes no open sizes
    folder = engines_folder(order.cache)
    timings = timing_file(folder, library, key.target)
    graph = typed_graph(path, card, key.precision)
    recipe = Recipe(graph, card, key.precision, order.tuning, _read(timings))
    stop = threading.Event()
    report(0.0)
    plan, measured = interruptible(lambda: build_plan(library, recipe, report, stop), stop)
    engine = folder / key.file
    made = engine_card(card, key, library, gpu, plan)
    if measured:
        write_atomically(timings, measured)
    record.drop(engine)  # what was found of an earlier file holds no more
    write_atomically(engine, plan)
    write_atomically(card_path(engine), made.to_json().encode())  # last: the word that it is whole
    report(1.0)


def engine_card(
    source: Card, key: EngineKey, library: Library, gpu: Gpu | None, plan: bytes
) -> Card:
    """The card of ``plan``, which was built from the ONNX file of ``source``."""
    made = Engine(
        version=library.title,
        gpu=str(gpu) if gpu else ANY_GPU,
        driver=gpu.driver if gpu else "any",
    )
    return source.model_copy(
        update={
            "runtime": "tensorrt",
            "precision": key.precision,
            "file": key.file,
            "sha256": hashlib.sha256(plan).hexdigest(),
            "size_bytes": len(plan),
            "origin": Origin(
                source=source.origin.source,
                sha256=key.onnx_sha256,
                step=f"convert tensorrt {key.library} {key.target} {key.precision}",
            ),
            "quality": (),  # that of the ONNX file is not its own
            "engine": made,
        }
    )


def _whole(engine: Path) -> bool:
    """Whether it is here, byte for byte as its card says."""
    try:
        check_file(read_card(engine, ""), engine, "")
    except ModelError:
        return False
    return True


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
