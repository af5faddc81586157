"""What is shown, by ids, and what may be chosen."""

from __future__ import annotations

from dataclasses import dataclass

from edge.catalog.backgrounds import BackgroundCatalog
from edge.catalog.models import ModelCatalog
from edge.catalog.sources import SourceCatalog
from edge.controls import MatteControls

GUEST = "browser:"


@dataclass(frozen=True)
class Chosen:
    """
    What is shown.

    Attributes:
        source: the source's id.
        model: the model's.
        background: the background's.
        mirror: flipped left and right.
        matte: the refinement.
    """

    source: str
    model: str
    background: str
    mirror: bool
    matte: MatteControls


@dataclass(frozen=True)
class Catalogs:
    """What may be chosen, and whether the room may be shown."""

    sources: SourceCatalog
    models: ModelCatalog
    backgrounds: BackgroundCatalog
    allow_original: bool
