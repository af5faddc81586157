"""From a guest's track to pictures: RGB made off the loop, and late frames dropped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import numpy as np
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame

from edge.errors import SignalingError
from edge.frame import Rgb

LARGEST = (1920, 1080)  # width, height; what is larger is scaled down into it
ABSURD_PIXELS = 1 << 24  # decoding these would starve everything else on the device


def to_rgb(frame: VideoFrame) -> Rgb:
    """(H, W, 3) uint8 sRGB of ``frame``, both even, no larger than ``LARGEST`` either way up."""
    long, short = max(frame.width, frame.height), min(frame.width, frame.height)
    scale = min(1.0, LARGEST[0] / long, LARGEST[1] / short)
    width, height = (max(2, int(side * scale) & ~1) for side in (frame.width, frame.height))
    return np.ascontiguousarray(
        frame.to_ndarray(format="rgb24", width=width, height=height), np.uint8
    )


class Intake:
    """
    Takes every frame of ``track`` as it comes, for aiortc queues them without bound, and shows
    the newest.

    Attributes:
        received: frames that came, shown or not.
    """

    def __init__(self, track: MediaStreamTrack, show: Callable[[Rgb], None]) -> None:
        self.received = 0
        self._track = track
        self._show = show
        self._newest: VideoFrame | None = None
        self._arrived = asyncio.Event()

    async def run(self) -> None:
        """
        Show frames until the track ends.

        Raises:
            SignalingError: the guest sends pictures that are absurdly large.
        """
        reader = asyncio.create_task(self._read())
        try:
            while not reader.done() or self._newest is not None:
                await self._arrived.wait()
                self._arrived.clear()
                frame, self._newest = self._newest, None
                if frame is not None:
                    self._show(await asyncio.to_thread(to_rgb, frame))
            await reader
        finally:
            reader.cancel()

    async def _read(self) -> None:
        try:
            while True:
                frame = await self._track.recv()
                if not isinstance(frame, VideoFrame):
                    continue
                if frame.width * frame.height > ABSURD_PIXELS:
                    raise SignalingError(
                        f"a guest's picture of {frame.width}x{frame.height}; wanted at most "
                        f"{LARGEST[0]}x{LARGEST[1]}"
                    )
                self.received += 1
                self._newest = frame
                self._arrived.set()
        except MediaStreamError:
            pass  # aiortc's word for the end of a track
        finally:
            self._arrived.set()
