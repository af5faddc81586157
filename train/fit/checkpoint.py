"""Checkpoints: all that a run needs to go on as if nothing had happened."""

from __future__ import annotations

import io
import pickle
from pathlib import Path
from typing import Any

import torch

from edge.files import write_atomically
from train.errors import CheckpointError

FORMAT = 1


def save(path: Path, state: dict[str, Any]) -> None:
    """
    Write ``state`` of tensors and plain values, whole or not at all.

    Raises:
        CheckpointError: the disk refused; the file that was there still is.
    """
    buffer = io.BytesIO()
    torch.save({"format": FORMAT, **state}, buffer)
    try:
        write_atomically(path, buffer.getvalue())
    except OSError as error:
        raise CheckpointError(f"{path}: {error.strerror}; the run stops where it is") from error


def load(path: Path, digest: str | None = None) -> dict[str, Any] | None:
    """
    Read a checkpoint; None where there is none.

    Args:
        digest: of the run that wants to go on with it.

    Raises:
        CheckpointError: damaged, of another version, or of another run.
    """
    if not path.exists():
        return None
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, pickle.UnpicklingError, KeyError) as error:
        raise CheckpointError(
            f"{path}: damaged: {str(error).splitlines()[0]}. Delete it"
        ) from error
    if not isinstance(state, dict) or state.get("format") != FORMAT:
        raise CheckpointError(f"{path}: no checkpoint of this version; delete it to start anew")
    if digest is not None and state.get("digest") != digest:
        raise CheckpointError(
            f"{path}: of a run with other settings. Give another --output, or the old settings; "
            "to start from its weights, set network.start to this file"
        )
    return state
