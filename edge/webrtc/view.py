"""What a viewer wants to see, and the picture of it as encoders take it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from edge.encoders import I420
from edge.errors import InputError
from edge.frame import Composite, Rgb


@dataclass(frozen=True, slots=True)
class View:
    """
    What one viewer wants to see.

    Attributes:
        kind: the composite, or a before/after split: left the original, right the composite.
        position: where the split is, 0 (all composite) to 1 (all original).

    Raises:
        InputError: no such kind, or a position out of range.
    """

    kind: Literal["composite", "split"] = "composite"
    position: float = 0.5

    def __post_init__(self) -> None:
        if self.kind not in ("composite", "split"):
            raise InputError(f"{self.kind!r}: no such view; there are composite and split")
        if not (math.isfinite(self.position) and 0 <= self.position <= 1):
            raise InputError(f"{self.position}: wanted a position from 0 to 1")
        if self.kind == "composite":  # which has no position: all who see it see the same
            object.__setattr__(self, "position", 0.5)


def picture(composite: Composite, view: View) -> Rgb:
    """(H, W, 3) uint8 sRGB of what ``view`` shows. A slate, which has no original, is not split."""
    original = composite.original
    if view.kind == "composite" or original is None:
        return composite.image
    height, width = composite.image.shape[:2]
    if original.shape[:2] != (height, width):
        original = np.asarray(cv2.resize(original, (width, height)), np.uint8)
    edge = round(view.position * width)
    return np.concatenate([original[:, :edge], composite.image[:, edge:]], axis=1)


def to_i420(image: Rgb, divisor: int = 1) -> I420:
    """
    ``image`` as codecs take it; an odd last row or column is left out.

    Args:
        divisor: of both sides.
    """
    height, width = (max(2, side // divisor & ~1) for side in image.shape[:2])
    if divisor > 1:
        image = np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA))
    return np.asarray(cv2.cvtColor(image[:height, :width], cv2.COLOR_RGB2YUV_I420), np.uint8)
