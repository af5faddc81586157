"""What a viewer's encoder is fed: the newest composite, converted once for all who watch it."""

from __future__ import annotations

import asyncio
import math
import time
from concurrent.futures import Executor
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import cv2
import numpy as np
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame
from numpy.typing import NDArray

from edge.errors import InputError
from edge.frame import Composite, Rgb
from edge.latest import Broadcast

I420 = NDArray[np.uint8]  # (H * 3 / 2, W): Y, then U and V at half size; BT.601, limited range
CLOCK_HZ = 90_000  # RTP's clock for video
# A still picture is shown again this often, or a viewer who lost the key frame, or joined a slate
# at its first low bitrate, would stay with what it has.
REPEAT_S = 0.5


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


def to_i420(image: Rgb) -> I420:
    """``image`` as codecs take it; an odd last row or column is left out."""
    even = image[: image.shape[0] & ~1, : image.shape[1] & ~1]
    return np.asarray(cv2.cvtColor(even, cv2.COLOR_RGB2YUV_I420), np.uint8)


class Screen:
    """
    The newest composite as I420, converted off the loop, and once however many watch.

    Args:
        executor: where the conversion runs.
    """

    def __init__(self, broadcast: Broadcast, executor: Executor) -> None:
        self._broadcast = broadcast
        self._executor = executor
        self._converted: dict[View, tuple[int, asyncio.Future[I420]]] = {}

    async def newer_than(
        self, sequence: int, view: View, patience_s: float
    ) -> tuple[int, Composite, I420]:
        """
        The newest composite, as soon as it is newer than ``sequence``; after ``patience_s`` the
        same one again. Before the first, waits however long that takes.
        """
        try:
            number, composite = await asyncio.wait_for(
                self._broadcast.newer_than(sequence), patience_s if sequence else None
            )
        except asyncio.TimeoutError:
            number, composite = await self._broadcast.newer_than(0)
        return number, composite, await self._i420(number, composite, view)

    async def _i420(self, number: int, composite: Composite, view: View) -> I420:
        known = self._converted.get(view)
        if known is None or known[0] != number:
            self._converted = {v: kept for v, kept in self._converted.items() if kept[0] == number}
            loop = asyncio.get_running_loop()
            future = loop.run_in_executor(self._executor, lambda: to_i420(picture(composite, view)))
            known = self._converted[view] = (number, future)
        return await asyncio.shield(known[1])  # one viewer who leaves takes it from nobody


class CompositeTrack(MediaStreamTrack):
    """
    What one viewer sees: the newest composite each time its encoder is ready.

    Attributes:
        view: may be changed at any time.
        sent: pictures handed to the encoder so far.
    """

    kind = "video"

    def __init__(self, screen: Screen, view: View) -> None:
        super().__init__()
        self.view = view
        self.sent = 0
        self._screen = screen
        self._sequence = 0
        self._pts = -1
        self._sent_ns = 0
        self._origin_ns: int | None = None

    async def recv(self) -> VideoFrame:
        """A VideoFrame of this viewer's own, for encoders write to its header; its planes are
        shared."""
        if self.readyState != "live":
            raise MediaStreamError
        sequence, composite, planes = await self._screen.newer_than(
            self._sequence, self.view, REPEAT_S
        )
        video = VideoFrame.from_numpy_buffer(planes, format="yuv420p")
        video.pts = self._stamp(None if sequence == self._sequence else composite.captured_ns)
        video.time_base = Fraction(1, CLOCK_HZ)
        self._sequence = sequence
        self.sent += 1
        return video

    def _stamp(self, captured_ns: int | None) -> int:
        """
        The time of capture on RTP's clock, always growing; None: as long after the last picture
        as it is now.
        """
        now_ns = time.monotonic_ns()
        if captured_ns is None:
            ticks = self._pts + (now_ns - self._sent_ns) * CLOCK_HZ // 10**9
        else:
            if self._origin_ns is None:
                self._origin_ns = captured_ns
            ticks = (captured_ns - self._origin_ns) * CLOCK_HZ // 10**9
        self._pts = max(ticks, self._pts + 1)
        self._sent_ns = now_ns
        return self._pts
