"""Clips made by the tests: no media in the repository."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from edge.sources import bars

MakeClip = Callable[..., Path]


@pytest.fixture
def make_clip(tmp_path: Path) -> MakeClip:
    """Writes a clip of ``bars``: (name, frames, size, rate, time stamps in frames)."""

    def make(
        name: str = "clip.mp4",
        count: int = 10,
        size: tuple[int, int] = (384, 96),
        rate: int = 50,
        stamps: list[int] | None = None,
    ) -> Path:
        path = tmp_path / name
        with av.open(str(path), "w") as container:
            stream = container.add_stream("libx264", rate=rate)
            stream.width, stream.height = size
            stream.pix_fmt = "yuv420p"
            stream.codec_context.time_base = Fraction(1, rate)
            for index in range(count):
                picture = av.VideoFrame.from_ndarray(bars.paint(index, size), format="rgb24")
                picture.pts = stamps[index] if stamps else index
                picture.time_base = Fraction(1, rate)
                container.mux(stream.encode(picture))
            container.mux(stream.encode(None))
        return path

    return make


@pytest.fixture
def sound_file(tmp_path: Path) -> Path:
    """Half a second of silence, without pictures."""
    path = tmp_path / "sound.m4a"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=48_000)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate = 48_000
        for number in range(24):
            frame.pts = number * 1024
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
