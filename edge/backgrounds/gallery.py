"""``gallery:ID``: one of the gallery's items, drawn or uploaded."""

from __future__ import annotations

from edge.backgrounds import Background
from edge.gallery import Gallery


def make(argument: str, *, gallery: Gallery) -> Background:
    """
    ``argument``: an item's id.

    Raises:
        UnknownName: the gallery has no such item.
        InputError: its file no longer decodes.
    """
    return gallery.background(argument)
