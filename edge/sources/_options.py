"""``target?key=value&key=value``, as the argument of a source is written."""

from __future__ import annotations

import re
from collections.abc import Collection
from math import isfinite
from urllib.parse import parse_qsl

from edge.errors import InputError

MAX_SIDE_PX = 8192


def split(argument: str, known: Collection[str]) -> tuple[str, dict[str, str]]:
    """
    The part before the question mark, and the options after it.

    Raises:
        InputError: an option that is not in ``known``, is given twice, or has no value.
    """
    target, _, query = argument.partition("?")
    try:
        pairs = parse_qsl(query, strict_parsing=True) if query else []
    except ValueError as error:
        raise InputError(f"?{query}: options are written key=value&key=value") from error
    options = dict(pairs)
    if len(options) < len(pairs):
        raise InputError(f"?{query}: an option is given twice")
    unknown = sorted(options.keys() - set(known))
    if unknown:
        raise InputError(f"{unknown[0]!r}: no such option; there are {', '.join(sorted(known))}")
    return target, options


def size(text: str) -> tuple[int, int]:
    """(width, height) of "1280x720". Raises InputError."""
    found = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text)
    sides = (int(found[1]), int(found[2])) if found else (0, 0)
    if not all(16 <= side <= MAX_SIDE_PX for side in sides):
        raise InputError(f"size={text}: wanted such as 1280x720, each side 16 to {MAX_SIDE_PX}")
    return sides


def fps(text: str) -> float:
    """Frames a second, above 0 and up to 240. Raises InputError."""
    try:
        value = float(text)
    except ValueError as error:
        raise InputError(f"fps={text}: wanted a number such as 30") from error
    if not (isfinite(value) and 0 < value <= 240):
        raise InputError(f"fps={text}: wanted above 0 and at most 240")
    return value


def color(text: str) -> tuple[int, int, int]:
    """sRGB of six hexadecimal digits. Raises InputError."""
    if not re.fullmatch(r"[0-9a-fA-F]{6}", text):
        raise InputError(f"{text!r}: wanted six hexadecimal digits such as ff00ff")
    red, green, blue = bytes.fromhex(text)
    return red, green, blue
