"""
Fitting a frame to a model's input, and its alpha back to the frame: the one step outside the graph.

Training, conversion and the service all fit by these functions, so they cannot disagree. How is
written on the model's card:

* ``stretch``: the frame fills the input; its aspect ratio is lost. Alpha covers the whole frame.
* ``letterbox``: the frame keeps its aspect ratio, centred; the rest is mid-grey. ``unfit`` crops
  that rest away, so alpha covers the whole frame again.
* ``within``: the input is as large as the frame, or, where that is larger than the card says, the
  largest of the frame's aspect ratio that is not. For graphs that leave their size open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import cv2
import numpy as np

from edge.frame import Alpha, Rgb

Fit: TypeAlias = Literal["stretch", "letterbox", "within"]
Interpolation: TypeAlias = Literal["nearest", "linear", "area", "cubic"]

PADDING = 127  # mid-grey: about zero after either usual normalisation, as a network pads inside

_FLAGS = {
    "nearest": cv2.INTER_NEAREST,
    "linear": cv2.INTER_LINEAR,
    "area": cv2.INTER_AREA,
    "cubic": cv2.INTER_CUBIC,
}


@dataclass(frozen=True, slots=True)
class Placement:
    """
    Where a frame lies in a model's input, in the input's pixels.

    Attributes:
        input_size: (width, height) of the whole input.
        left, top: the frame's first column and row.
        width, height: the frame's extent, at least 1 each.
    """

    input_size: tuple[int, int]
    left: int
    top: int
    width: int
    height: int

    @property
    def window(self) -> tuple[slice, slice]:
        """Rows and columns of the frame, to index an array of the input's size."""
        return slice(self.top, self.top + self.height), slice(self.left, self.left + self.width)

    @property
    def whole(self) -> bool:
        """Whether the frame fills the input."""
        return (self.width, self.height) == self.input_size


def place(frame_size: tuple[int, int], input_size: tuple[int, int], fit: Fit) -> Placement:
    """Where a frame of ``frame_size`` lies in an input of ``input_size``; both (width, height)."""
    width, height = input_size
    if fit == "stretch":
        return Placement(input_size, 0, 0, width, height)
    scale = min(width / frame_size[0], height / frame_size[1])
    inner_width = min(width, max(1, round(frame_size[0] * scale)))
    inner_height = min(height, max(1, round(frame_size[1] * scale)))
    if fit == "within":
        inner = (inner_width, inner_height) if scale < 1 else frame_size
        return Placement(inner, 0, 0, *inner)
    left, top = (width - inner_width) // 2, (height - inner_height) // 2
    return Placement(input_size, left, top, inner_width, inner_height)


def fit_into(canvas: Rgb, image: Rgb, placement: Placement, interpolation: Interpolation) -> None:
    """
    Draw ``image`` (H, W, 3) into ``canvas``, the model's input, over all it held before.

    Args:
        canvas: (h, w, 3) uint8, ``placement.input_size``. Written to.
        image: (H, W, 3) uint8 RGB, of the frame size that ``placement`` was made for.
        placement: from ``place``.
        interpolation: ``area`` averages all pixels that fall on one (no aliasing when shrinking).
    """
    size = (placement.width, placement.height)
    flag = _FLAGS[interpolation]
    if placement.whole and canvas.flags.c_contiguous:
        cv2.resize(image, size, dst=canvas, interpolation=flag)
        return
    canvas.fill(PADDING)
    canvas[placement.window] = cv2.resize(image, size, interpolation=flag)


def fit(image: Rgb, placement: Placement, interpolation: Interpolation) -> Rgb:
    """``fit_into`` a new array: (h, w, 3) uint8 of the input's size."""
    width, height = placement.input_size
    canvas = np.empty((height, width, 3), np.uint8)
    fit_into(canvas, image, placement, interpolation)
    return canvas


def unfit(alpha: Alpha, placement: Placement) -> Alpha:
    """The part of a model's ``alpha`` (h, w) that shows the frame: a view, without the padding."""
    return alpha[placement.window]
