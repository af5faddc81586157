"""What a run is: one validated TOML file."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from train.errors import ConfigError
from train.losses import Weights

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Network(_Part):
    """
    Attributes:
        name: as ``convert.networks.make`` takes it.
        start: a file of weights (a state dict, a checkpoint, an ONNX file), the name of the
            project's own such as ``portrait_fast``, the zoo's id of published ones such as
            ``u2netp``, ``imagenet`` for a network on ResNet50, or ``random``.
    """

    name: str
    start: str = "random"


class Data(_Part):
    """
    Attributes:
        index: the data set, any layout that ``train.data.layouts`` knows; relative paths are taken
            from the configuration's folder.
        strict: only rows with a clear licence, of a set that gives licences.
        sizes: (width, height) of the batches, and of the validation.
        more_sizes: of batches only: small ones teach much for their cost, others sturdiness.
        side: longest side at which pictures are kept.
        held_out: share of groups kept for validation.
    """

    index: Path
    strict: bool = False
    sizes: tuple[tuple[int, int], ...] = ((320, 192), (192, 320))
    more_sizes: tuple[tuple[int, int], ...] = ()
    side: int = Field(416, ge=32, le=4096)
    held_out: float = Field(0.06, ge=0, lt=1)
    composited: float = Field(0.5, ge=0, le=1)
    empty: float = Field(0.12, ge=0, le=1)
    pairs: float = Field(0.25, ge=0, le=1)
    validate_on: int = Field(96, ge=1)


class Fit(_Part):
    """
    Attributes:
        steps: when the schedule ends; with ``minutes`` only a limit.
        minutes: if set, the schedule follows the time spent instead, and the run ends after it.
            Such a run ends anywhere in time, but is not repeatable to the bit.
        epoch: steps between validations.
        checkpoint: steps between checkpoints; a kill loses no more than these.
        schedule: what follows the warm-up: ``cosine`` to zero, ``plateau`` (halved when
            ``patience`` validations brought nothing) or ``constant``.
        stop_after: validations without a better score before the run stops; 0 never.
        batch: pictures per step and process.
    """

    steps: int = Field(20_000, ge=1)
    minutes: float | None = Field(None, gt=0)
    epoch: int = Field(500, ge=1)
    checkpoint: int = Field(100, ge=1)
    batch: int = Field(16, ge=2, multiple_of=2)
    learning_rate: float = Field(1e-3, gt=0)
    warm_up: int = Field(500, ge=0)
    schedule: Literal["cosine", "plateau", "constant"] = "cosine"
    patience: int = Field(5, ge=1)
    stop_after: int = Field(0, ge=0)
    weight_decay: float = Field(1e-4, ge=0)
    clip: float = Field(1.0, gt=0, description="Largest norm of the gradient")
    ema: float = Field(0.999, ge=0, lt=1)
    precision: Literal["fp32", "bf16", "fp16"] = "bf16"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    seed: int = 0
    workers: int = Field(1, ge=0)
    threads: int = Field(0, ge=0, description="of the CPU; 0 for as many as PyTorch takes")


class Config(_Part):
    """A whole run."""

    network: Network
    data: Data
    loss: Weights = Weights()
    fit: Fit = Fit()

    @model_validator(mode="after")
    def _agrees(self) -> Config:
        if self.data.composited + self.data.empty > 1:
            raise ValueError("data.composited and data.empty together are more than 1")
        if self.fit.batch % 2:
            raise ValueError("fit.batch must be even: pairs are its two halves")
        return self

    def digest(self) -> str:
        """Changes with whatever decides the weights, and not with how long or where it runs."""
        free = {"fit": {"steps", "minutes", "checkpoint", "device", "workers", "threads"}}
        text = self.model_dump_json(exclude=free)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def load(path: Path, changes: dict[str, Any] | None = None) -> Config:
    """
    Read a run's configuration.

    Args:
        changes: ``section.key`` to the value that takes the place of the file's.

    Raises:
        ConfigError: it cannot be read, or a setting is unknown or wrong.
    """
    try:
        values = tomllib.loads(path.read_text())
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; wanted a TOML file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    if isinstance(index := values.get("data", {}).get("index"), str):
        values["data"]["index"] = path.parent / index
    for key, value in (changes or {}).items():
        section, _, name = key.partition(".")
        values.setdefault(section, {})[name] = value
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ConfigError(f"{path}: {told}") from error
