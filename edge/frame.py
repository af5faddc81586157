"""The values that flow: a Frame is captured, matted, composited and shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Rgb = NDArray[np.uint8]  # (H, W, 3) sRGB
Alpha = NDArray[np.float32]  # (H, W) in [0, 1]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """
    One picture, and when it was taken.

    Attributes:
        image: (H, W, 3) uint8 sRGB, C-contiguous. Nobody writes to it after construction.
        index: 0, 1, 2 ... as captured. A gap is a dropped frame.
        captured_ns: ``time.monotonic_ns()`` when the picture reached this process.
    """

    image: Rgb
    index: int
    captured_ns: int

    @property
    def size(self) -> tuple[int, int]:
        """(width, height), as OpenCV wants it."""
        return self.image.shape[1], self.image.shape[0]

    def with_image(self, image: Rgb) -> Frame:
        """The same instant, repainted."""
        return replace(self, image=image)


@dataclass(frozen=True, slots=True, eq=False)
class Matte:
    """
    What a matting model says of one frame.

    Attributes:
        alpha: (h, w) float32 in [0, 1], covering the whole frame. A model gives it at its own
            resolution; ``edge.refine`` brings it to the frame's. A saliency map is used as it is.
        foreground: (H, W, 3) uint8 estimated foreground colour at the frame's size, or None to
            use the frame's.
        presence: how sure this model is of a person who comes, and of one who is still there: see
            ``edge.refine.presence``. None for a model of which nobody measured that.
    """

    alpha: Alpha
    foreground: Rgb | None = None
    presence: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Composite:
    """
    What viewers are shown.

    Attributes:
        image: (H, W, 3) uint8 sRGB, H and W even (video codecs halve them).
        index: the frame's index; a slate repeats the last one.
        captured_ns: when its frame reached this process; for a slate, when it was drawn.
        composited_ns: when the picture was ready. In-service latency is the difference.
        slate: what the slate says, or None for a matted frame.
        original: the frame's own picture, only where the service allows it to be shown.
        alpha: gives the matte, (H, W) float32 in [0, 1]; made when it is asked for. None: a slate.
    """

    image: Rgb
    index: int
    captured_ns: int
    composited_ns: int
    slate: str | None = None
    original: Rgb | None = None
    alpha: Callable[[], Alpha] | None = None
