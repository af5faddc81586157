"""Everything about the picture that may change while running."""

from __future__ import annotations

from dataclasses import dataclass

from edge.backgrounds import Background
from edge.controls import MatteControls
from edge.matting import MattingModel


@dataclass(frozen=True, slots=True)
class Look:
    """
    Swapped as one, between two frames.

    Attributes:
        model: gives the matte.
        background: what goes behind. The pipeline closes it once another took its place.
        controls: the matte's refinement.
        mirror: flip left and right before matting, so that the background's text stays readable.
        keep_original: hand the unmatted picture on with each composite, for a split view.
    """

    model: MattingModel
    background: Background
    controls: MatteControls
    mirror: bool = False
    keep_original: bool = False
