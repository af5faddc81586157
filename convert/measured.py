"""What ``python -m bench quality --json`` found of a model, as it stands on the model's card."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from edge.errors import InputError, StorageError
from edge.zoo.card import Card, Quality

MEASURES = ("mad", "mse", "grad", "conn", "dtssd", "mean_alpha")
UNNAMED = {"stills": "pictures with true alpha", "clip": "frames", "empty": "scenes with nobody"}


def measured(report: Path, card: Card) -> Card:
    """
    The card with what the model itself gave: its mean over each part of the data, unrefined.

    Args:
        report: the JSON; it must be about the file of ``card``, by its id or its name.

    Raises:
        InputError: it is no such report, or one of another model.
        StorageError: it cannot be read.
    """
    try:
        content = json.loads(report.read_bytes())
        spec, parts = str(content["matting"]), list(content["parts"])
        quality = tuple(_quality(part) for part in parts)
    except OSError as error:
        raise StorageError(f"{report}: {error.strerror or error}; wanted a report") from error
    except (ValueError, LookupError, TypeError, AttributeError, ValidationError) as error:
        raise InputError(
            f"{report}: not what python -m bench quality --json prints: {error!r}"
        ) from error
    name = spec.partition(":")[2].partition("?")[0]
    if name != card.id and Path(name).name != card.file:
        raise InputError(f"{report} is about {spec}, and this is the card of {card.id}")
    return card.model_copy(update={"quality": quality})


def _quality(part: dict[str, Any]) -> Quality:
    found = {name: part["raw"][name]["mean"] for name in MEASURES if name in part["raw"]}
    what = f"{part['name']}, {part['samples']} {UNNAMED[part['kind']]}"
    return Quality(data=what, **{name: round(float(mean), 4) for name, mean in found.items()})
