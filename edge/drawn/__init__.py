"""The backgrounds that are there from the start, drawn by numpy and OpenCV at any size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from edge.drawn import outdoors, plain, rooms
from edge.frame import Rgb


@dataclass(frozen=True, slots=True)
class Drawing:
    """
    Attributes:
        id: never changes: it is remembered over restarts.
        draw: takes (width, height), gives (H, W, 3) uint8 sRGB, the same each time.
    """

    id: str
    label: str
    draw: Callable[[tuple[int, int]], Rgb]


DRAWINGS = (
    Drawing("office", "Office", rooms.office),
    Drawing("studio", "Studio grey", plain.studio),
    Drawing("sunlit", "Sunlit wall", plain.sunlit),
    Drawing("library", "Library", rooms.library),
    Drawing("city", "City at night", outdoors.city),
    Drawing("hills", "Misty hills", outdoors.hills),
    Drawing("silk", "Silk", plain.silk),
    Drawing("paper", "Paper waves", plain.paper),
    Drawing("facets", "Facets", plain.facets),
    Drawing("dots", "Dots", plain.dots),
)
