"""Pictures and clips for these tests, made by them."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

from edge.frame import Frame, Rgb

RED, GREEN, BLUE = (220, 30, 40), (20, 190, 60), (40, 60, 210)


def flat(color: tuple[int, int, int], size: tuple[int, int] = (64, 48)) -> Rgb:
    return np.full((size[1], size[0], 3), color, np.uint8)


def frame(size: tuple[int, int] = (64, 48), at_s: float = 0) -> Frame:
    return Frame(flat((90, 90, 90), size), index=0, captured_ns=round(at_s * 1e9))


def near(picture: Rgb, color: tuple[int, int, int], tolerance: int = 12) -> bool:
    """Every pixel within what a video codec changes."""
    return bool((np.abs(picture.astype(int) - color) <= tolerance).all())


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def eventually(check: Callable[[], bool], within_s: float = 20) -> bool:
    """Whether ``check`` comes true. Returns as soon as it does."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if check():
            return True
        time.sleep(0.01)
    return check()


def write_clip(
    path: Path,
    colors: Sequence[tuple[int, int, int]] = (RED,) * 5,
    *,
    size: tuple[int, int] = (64, 48),
    fps: int = 10,
    codec: str = "libx264",
) -> Path:
    """A clip of one flat picture per colour."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=fps)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        if codec == "libx264":
            stream.options = {"preset": "ultrafast"}
        for color in colors:
            picture = av.VideoFrame.from_ndarray(flat(color, size), format="rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path
