"""Which engine file serves: its name says all that it is tied to, and its card is held to that."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from edge.cuda.driver import Gpu
from edge.errors import ModelMismatch
from edge.tensorrt.library import Library
from edge.zoo.card import Card

Precision: TypeAlias = Literal["fp32", "fp16", "int8"]
ANY_GPU = "any RTX GPU"  # on the card of an engine that is finished where it is loaded


@dataclass(frozen=True, slots=True)
class EngineKey:
    """
    What an engine is made of and for; another value of any of these needs another engine.

    Attributes:
        model: the model's id.
        onnx_sha256: of the ONNX file it is built from.
        library: such as "trt10.3.0".
        target: a compute capability such as "sm_87", "any", with "-dla0" for a DLA core.
        size: (width, height) of the input.
    """

    model: str
    onnx_sha256: str
    library: str
    target: str
    precision: Precision
    size: tuple[int, int]

    @property
    def file(self) -> str:
        """The engine file's name."""
        width, height = self.size
        return (
            f"{self.model}-{self.precision}-{width}x{height}-{self.library}-{self.target}"
            f"-{self.onnx_sha256[:12]}.engine"
        )


def engine_key(
    source: Card, precision: Precision, library: Library, gpu: Gpu | None, dla_core: int | None
) -> EngineKey:
    """
    The key of the engine that is built from the ONNX file of ``source``.

    Raises:
        ModelMismatch: the card lacks the file's checksum.
    """
    if source.sha256 is None:
        raise ModelMismatch(f"the card of {source.file} has no sha256: write it anew")
    target = gpu.architecture if gpu else "any"
    return EngineKey(
        model=source.id,
        onnx_sha256=source.sha256,
        library=("rtx" if library.portable else "trt") + library.version,
        target=target if dla_core is None else f"{target}-dla{dla_core}",
        precision=precision,
        size=source.input.size,
    )


def engines_folder(cache: Path) -> Path:
    """Where built engines and timing caches are kept."""
    return cache / "engines"


def default_precision(source: Card) -> Precision:
    """An fp32 graph is built as fp16, which is twice as fast; another one as it is."""
    return "int8" if source.precision == "int8" else "fp16"


def check_engine(card: Card, engine: Path, library: Library, gpu: Gpu, mend: str) -> None:
    """
    Raise unless ``card`` is that of an engine for this very TensorRT and GPU.

    TensorRT would refuse another one with fewer words, or run it badly.

    Raises:
        ModelMismatch: it is not.
    """
    if card.runtime != "tensorrt" or card.engine is None:
        raise ModelMismatch(
            f"{engine}: its card says {card.runtime}, not a TensorRT engine. {mend}"
        )
    if card.engine.version != library.title:
        raise ModelMismatch(
            f"{engine}: built by {card.engine.version}; this is {library.title}. {mend}"
        )
    if card.engine.gpu not in (str(gpu), ANY_GPU):
        raise ModelMismatch(f"{engine}: built for {card.engine.gpu}; this is {gpu}. {mend}")
