"""
What can go wrong while fitting, as types.

* EdgeError
  + TrainError
    - DataError       a data set is empty, half there or not what its index says
    - ConfigError     a setting of a run
    - CheckpointError a checkpoint is damaged or of another run
    - Diverged        the loss is no longer a number
    - OutOfMemory     the batch does not fit; says which one does
"""

from __future__ import annotations

from typing import ClassVar

from edge.errors import EdgeError


class TrainError(EdgeError):
    """Anything that ends a command of ``python -m train``."""

    code: ClassVar[str] = "train"


class DataError(TrainError):
    """A data set cannot be used as it is."""

    code = "data"


class ConfigError(TrainError):
    """A setting of a run is unknown, of another type or out of range."""

    code = "config"


class CheckpointError(TrainError):
    """A checkpoint is damaged, or of another run than this one."""

    code = "checkpoint"


class Diverged(TrainError):
    """The loss became infinite or no number; the last good checkpoint is kept."""

    code = "diverged"


class OutOfMemory(TrainError):
    """The batch does not fit into the device's memory."""

    code = "memory"
