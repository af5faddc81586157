"""``presenter:?size=1280x720&fps=30&room=ff00ff``: a drawn person who talks and waves."""

from __future__ import annotations

from edge.drawn.presenter import paint, parts
from edge.errors import InputError
from edge.sources import Granted, _options
from edge.sources._drawn import Drawn


def make(argument: str) -> Drawn:
    """
    ``room`` is one colour behind the person (a marker in tests) in place of the drawn room.

    Raises:
        InputError: an option that is unknown or malformed.
    """
    target, options = _options.split(argument, ("size", "fps", "room"))
    if target:
        raise InputError(f"presenter:{target}: wanted presenter:, and options after a ?")
    size = _options.size(options.get("size", "1280x720"))
    fps = _options.fps(options.get("fps", "30"))
    room = _options.color(options["room"]) if "room" in options else None
    return Drawn(
        "Drawn presenter",
        lambda index: paint(index, size, room, fps)[0],
        Granted(*size, fps, None),
        parts(size, room),
    )
