"""What a checkpoint says of the fit it comes from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError

from train.fit.config import Config, Data


def read_content(path: Path) -> dict[str, Any]:
    """What ``torch.save`` wrote; empty if it cannot be read, and whoever loads it says why."""
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception:  # noqa: BLE001 - many kinds, and ``convert.weights`` knows words for them
        return {}
    return content if isinstance(content, dict) else {}


def holding_out(path: Path) -> tuple[float, int]:
    """
    How the fit that wrote ``path`` chose what to hold out: ``data.held_out`` and ``data.side``.

    Of any other file the defaults of a fit.
    """
    try:
        data = Config.model_validate_json(read_content(path).get("config", "")).data
    except (ValidationError, TypeError):
        fields = Data.model_fields
        return fields["held_out"].default, fields["side"].default
    return data.held_out, data.side
