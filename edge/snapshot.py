"""A picture of this moment, as PNG."""

from __future__ import annotations

from collections.abc import Collection

from edge.errors import Forbidden, InputError, SourceError
from edge.frame import Composite
from edge.media.written import grey, written

PARTS = ("alpha", "original")  # what may go beside the composite


def wanted(text: str, allow_original: bool) -> list[str]:
    """
    The parts that ``text`` names, as in "alpha,original".

    Raises:
        InputError: one of them is none.
        Forbidden: the room may not be shown.
    """
    parts = [part for part in text.split(",") if part]
    unknown = sorted(set(parts) - set(PARTS))
    if unknown:
        raise InputError(f"with={text}: {unknown[0]!r} is none of {', '.join(PARTS)}")
    if "original" in parts and not allow_original:
        raise Forbidden("the room itself is not shown: the service runs without --allow-original")
    return sorted(set(parts))


def snapshot(composite: Composite | None, parts: Collection[str]) -> dict[str, bytes]:
    """
    The picture as PNG, by the name of the part; "" is the composite. Takes tens of milliseconds.

    Raises:
        SourceError: there is no matted picture at the moment.
    """
    if composite is None or composite.slate is not None:
        why = composite.slate if composite else "no picture has come yet"
        raise SourceError(f"there is nothing to take a snapshot of ({why}); try again later")
    taken = {"": written(composite.image)}
    if "alpha" in parts and composite.alpha is not None:
        taken["alpha"] = written(grey(composite.alpha()))
    if "original" in parts and composite.original is not None:
        taken["original"] = written(composite.original)
    return taken
