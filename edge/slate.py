"""
The slate: what viewers see in place of a picture that may not, or cannot, be shown.

Set in the fonts that OpenCV carries ("sans", and "uni" for what that lacks), so that Greek,
Cyrillic and Chinese device names are legible too; a sign that neither has becomes "?".
"""

from __future__ import annotations

import threading
import unicodedata
from functools import lru_cache

import cv2
import numpy as np

from edge.frame import Rgb

TOP, BOTTOM = (30, 38, 54), (17, 21, 31)  # the ground, from above to below
ACCENT, TITLE, DETAIL = (244, 178, 88), (240, 243, 248), (164, 174, 192)
SEMIBOLD, REGULAR = 600, 400
MARGIN = 0.1  # of the width, left and right
MAX_DETAIL_LINES = 4

_drawing = threading.Lock()  # one FontFace is no thing for two threads


@lru_cache(maxsize=8)
def slate(size: tuple[int, int], title: str, detail: str) -> Rgb:
    """
    A calm picture with a few words.

    Args:
        size: (width, height) in pixels. An odd one is made even: video codecs halve it.
        title: what is so, in a few words.
        detail: why, or what to do. Wrapped; what does not fit ends in "...". May be empty.

    Returns:
        (H, W, 3) uint8 sRGB. The same array for the same words: read-only.
    """
    with _drawing:
        picture = _drawn(
            max(2, size[0] + size[0] % 2), max(2, size[1] + size[1] % 2), title, detail
        )
    picture.setflags(write=False)
    return picture


def _drawn(width: int, height: int, title: str, detail: str) -> Rgb:
    picture = _ground(width, height)
    unit = min(height, width * 3 / 4)
    title_px, detail_px = max(9, round(unit / 13)), max(7, round(unit / 26))
    room = round(width * (1 - 2 * MARGIN))
    titles = _wrapped(_plain(title), title_px, SEMIBOLD, room, 2)
    details = _wrapped(_plain(detail), detail_px, REGULAR, room, MAX_DETAIL_LINES)
    y = round(height / 2 - (len(titles) * 1.3 * title_px + len(details) * 1.6 * detail_px) / 2)
    _rule(picture, y - round(0.55 * title_px), title_px)
    for line in titles:
        y += round(1.3 * title_px)
        _centred(picture, line, y - round(0.3 * title_px), title_px, SEMIBOLD, TITLE)
    y += round(0.3 * title_px)
    for line in details:
        y += round(1.6 * detail_px)
        _centred(picture, line, y - round(0.5 * detail_px), detail_px, REGULAR, DETAIL)
    return picture


def _ground(width: int, height: int) -> Rgb:
    """A vertical gradient, a little lighter in the middle, dithered so that it does not band."""
    y = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    x = np.linspace(-1, 1, width, dtype=np.float32)[None, :, None]
    glow = 10 * np.exp(-(x**2 + (2 * y - 0.9) ** 2) * 1.6)
    ground = np.array(TOP, np.float32) * (1 - y) + np.array(BOTTOM, np.float32) * y + glow
    noise = np.random.default_rng(0).random((height, width, 1), np.float32)
    return np.ascontiguousarray((ground + noise).astype(np.uint8))


def _rule(picture: Rgb, y: int, title_px: int) -> None:
    half, middle = round(0.9 * title_px), picture.shape[1] // 2
    thickness = max(1, round(title_px / 12))
    cv2.rectangle(picture, (middle - half, y), (middle + half, y + thickness - 1), ACCENT, -1)


def _plain(text: str) -> str:
    """One line of signs that can be drawn: no controls, no marks that turn the direction."""
    spaced = " ".join(text.split())
    return "".join(sign for sign in spaced if not unicodedata.category(sign).startswith("C"))


def _wrapped(text: str, size_px: int, weight: int, room: int, limit: int) -> list[str]:
    """``text`` as at most ``limit`` lines no wider than ``room`` pixels."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        for part in _pieces(word, size_px, weight, room):
            joined = f"{line} {part}".strip()
            if _width(joined, size_px, weight) <= room:
                line = joined
            else:
                lines.append(line)
                line = part
    lines = [full for full in [*lines, line] if full]
    if len(lines) > limit:
        lines = [*lines[: limit - 1], _shortened(lines[limit - 1], size_px, weight, room)]
    return lines


def _pieces(word: str, size_px: int, weight: int, room: int) -> list[str]:
    """A word wider than a line (a path, an address), cut where it must be."""
    pieces = [""]
    for sign in word:
        if pieces[-1] and _width(pieces[-1] + sign, size_px, weight) > room:
            pieces.append("")
        pieces[-1] += sign
    return pieces


def _shortened(line: str, size_px: int, weight: int, room: int) -> str:
    while line and _width(line + "…", size_px, weight) > room:
        line = line[:-1]
    return line.rstrip() + "…"


def _centred(
    picture: Rgb, line: str, baseline: int, size_px: int, weight: int, color: tuple[int, int, int]
) -> None:
    left = (picture.shape[1] - _width(line, size_px, weight)) // 2
    cv2.putText(picture, line, (left, baseline), color, _font(), size_px, weight)


def _width(text: str, size_px: int, weight: int) -> int:
    canvas = (1 << 20, 1 << 10)  # so wide that OpenCV itself does not wrap
    box = cv2.getTextSize(canvas, text, (0, 0), _font(), size_px, weight)
    return int(box[0] + box[2])


@lru_cache(maxsize=1)
def _font() -> cv2.FontFace:
    return cv2.FontFace("sans")
