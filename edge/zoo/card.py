"""The card beside each model file: what the file is, how it is fed and under what licence."""

from __future__ import annotations

import math
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, model_validator

from edge.fit import Fit, Interpolation
from edge.zoo.memory import Memory

Side: TypeAlias = Annotated[int, Field(gt=0, le=4096)]  # pixels


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Licence(_Value):
    """Attributes: ``notice`` is set where the licence binds who uses or passes on the file."""

    spdx: str
    url: str | None = None
    notice: str | None = None


Size: TypeAlias = tuple[Side, Side]


class ModelInput(_Value):
    """
    The picture that the graph takes: (1, height, width, 3) uint8; with ``within``, at most.

    Attributes:
        sizes: (width, height) of all that the graph was tried at, where it leaves both open under
            the names ``height`` and ``width``; among them the one above. Empty: that one alone.
    """

    name: str = "rgb"
    width: Side
    height: Side
    sizes: tuple[Size, ...] = ()
    fit: Fit
    interpolation: Interpolation
    color_order: Literal["RGB"] = "RGB"

    @model_validator(mode="after")
    def _one_of_its_sizes(self) -> ModelInput:
        if self.sizes and (self.size not in self.sizes or self.fit == "within"):
            raise ValueError("sizes: wanted width and height among them, and another fit: within")
        return self

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return self.width, self.height

    @property
    def choices(self) -> tuple[tuple[int, int], ...]:
        """(width, height) of each picture that it takes."""
        return self.sizes or (self.size,)

    def nearest(self, frame: tuple[int, int]) -> tuple[int, int]:
        """Of ``choices``, the one with the aspect ratio most like that of ``frame``'s size."""
        wanted = math.log(frame[0] / frame[1])
        return min(self.choices, key=lambda size: abs(math.log(size[0] / size[1]) - wanted))

    def at(self, size: tuple[int, int]) -> ModelInput:
        """The same, of this one size."""
        return self.model_copy(update={"width": size[0], "height": size[1], "sizes": ()})


class Quality(_Value):
    """
    Errors against true alpha: MAD and MSE x 1e3, Grad and Conn / 1e3, dtSSD x 1e2.

    Attributes:
        mean_alpha: on scenes with nobody, in place of all others.
    """

    data: str = Field(description="The data set it was measured on")
    mad: float | None = None
    mse: float | None = None
    grad: float | None = None
    conn: float | None = None
    dtssd: float | None = None
    mean_alpha: float | None = None


class Engine(_Value):
    """What a compiled engine is tied to."""

    version: str = Field(description="Of the runtime that built it, such as TensorRT 10.3.0")
    gpu: str
    driver: str


class Origin(_Value):
    """What the file was made from: the published file, and the step of ours that changed it."""

    source: str = Field(description="Whose work it is and where they publish it")
    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    step: str | None = None


class Fidelity(_Value):
    """How far alpha is from that of the file this one was made of: see ``edge.parity``."""

    data: str = Field(description="The pictures it was measured on")
    pictures: int = Field(gt=0)
    mean: float
    largest: float
    iou: float


class Quantised(_Value):
    """Of an int8 file: what its ranges were seen on, and which convolutions stayed float."""

    calibration: str
    scheme: Literal["cpu", "tensorrt"]
    floats: tuple[str, ...]


class Presence(_Value):
    """
    Of a model that leaves empty rooms empty: see ``edge.refine.presence``.

    Attributes:
        enter: mean alpha, where it is above one half, from which on a person has come.
        leave: under it, nobody is there any more.
    """

    enter: float = Field(ge=0.5, le=1)
    leave: float = Field(ge=0.5, le=1)

    @model_validator(mode="after")
    def _apart(self) -> Presence:
        if self.leave > self.enter:
            raise ValueError("leave: wanted no more than enter, or people flicker")
        return self


class Companion(_Value):
    """A second file beside the model file, such as the weights of an OpenVINO IR."""

    file: str = Field(pattern=r"^[^/\\]+$")
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    size_bytes: int = Field(gt=0)


class Card(_Value):
    """
    One model file's description.

    Attributes:
        task: ``saliency`` (whatever stands out) or ``matting`` (people, with soft edges).
        file: the model file's name, in the card's own folder.
        sha256, size_bytes: of that file. Before it is on this machine there is no sha256, and the
            size is that of the published file.
        recurrent: it keeps something from frame to frame; ``memory`` says what.
        output: name of the graph's alpha, (1, 1, height, width) float32 in [0, 1].
    """

    id: str
    label: str
    task: Literal["saliency", "matting"]
    runtime: Literal["onnx", "openvino", "tensorrt"]
    precision: Literal["fp32", "fp16", "bf16", "int8"]
    recurrent: bool = False
    input: ModelInput
    output: str = "alpha"
    file: str = Field(pattern=r"^[^/\\]+$")
    sha256: str | None = Field(default=None, pattern="^[0-9a-f]{64}$")
    size_bytes: int = Field(gt=0)
    licence: Licence
    origin: Origin
    quality: tuple[Quality, ...] = ()
    engine: Engine | None = None
    fidelity: Fidelity | None = None
    quantised: Quantised | None = None
    companion: Companion | None = None
    memory: Memory | None = None
    presence: Presence | None = None

    @property
    def certainties(self) -> tuple[float, float] | None:
        """``presence``, as a Matte carries it."""
        return (self.presence.enter, self.presence.leave) if self.presence else None

    def at(self, size: tuple[int, int]) -> Card:
        """The card of the same file as if it took pictures of this size alone."""
        return self.model_copy(update={"input": self.input.at(size)})

    def to_json(self) -> str:
        """As it lies beside the model file."""
        return self.model_dump_json(indent=2, exclude_none=True) + "\n"
