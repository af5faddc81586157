"""A guest's frames, taken faster than they can be used."""

from __future__ import annotations

import asyncio
import time

import numpy as np
import pytest
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError
from av import VideoFrame
from numpy.typing import NDArray

from edge.errors import SignalingError
from edge.webrtc import intake
from edge.webrtc.intake import Intake


class Track(MediaStreamTrack):
    """Gives each frame when its time has come, and then ends."""

    kind = "video"

    def __init__(self, frames: list[VideoFrame], period_s: float = 0.0) -> None:
        super().__init__()
        self._frames = frames
        self._period_s = period_s

    async def recv(self) -> VideoFrame:
        await asyncio.sleep(self._period_s)
        if not self._frames:
            raise MediaStreamError
        return self._frames.pop(0)


def gray(level: int, size: tuple[int, int] = (32, 16)) -> VideoFrame:
    return VideoFrame.from_ndarray(np.full((size[1], size[0], 3), level, np.uint8), format="rgb24")


async def test_frames_are_shown_as_they_come() -> None:
    shown: list[int] = []
    await Intake(
        Track([gray(level) for level in (10, 20, 30)], 0.05),
        lambda image: shown.append(int(image[0, 0, 0])),
    ).run()
    assert shown == [10, 20, 30]


async def test_late_frames_are_dropped_and_the_newest_is_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def slow(frame: VideoFrame) -> NDArray[np.uint8]:
        time.sleep(0.1)
        return intake.np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)

    monkeypatch.setattr(intake, "to_rgb", slow)
    shown: list[int] = []
    taken = Intake(
        Track([gray(level) for level in range(100)], 0.001),
        lambda image: shown.append(int(image[0, 0, 0])),
    )
    await taken.run()
    assert taken.received == 100
    assert len(shown) < 50
    assert shown == sorted(shown)
    assert shown[-1] == 99


async def test_an_absurdly_large_picture_ends_it() -> None:
    track = Track([VideoFrame(8192, 4096, "yuv420p")])
    with pytest.raises(SignalingError, match="8192x4096"):
        await Intake(track, lambda _: None).run()


async def test_its_reader_ends_with_it() -> None:
    before = asyncio.all_tasks()
    running = asyncio.create_task(Intake(Track([gray(1)] * 10_000, 0.01), lambda _: None).run())
    await asyncio.sleep(0.1)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await asyncio.sleep(0.05)
    assert asyncio.all_tasks() == before
