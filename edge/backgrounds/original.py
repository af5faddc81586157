"""``original:``: the room as it is. To be offered only where the operator allowed it."""

from __future__ import annotations

from edge.errors import InputError
from edge.frame import Frame, Matte, Rgb


class Original:
    shows_room = True

    def behind(self, frame: Frame, matte: Matte | None = None) -> Rgb:
        return frame.image

    def close(self) -> None:
        """Nothing to free."""


def make(argument: str) -> Original:
    """``argument``: empty."""
    if argument:
        raise InputError(f"original:{argument}: wanted original: and nothing after it")
    return Original()
