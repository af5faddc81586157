"""What the service is shown: a clip as a USB camera would give it, drawn once and kept."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path

import av

from edge.drawn.presenter import paint

SECONDS = 10
QUALITY = "4"  # of MJPEG: some 100 kB a picture at 1280x720, as cameras send


def clip(folder: Path, size: tuple[int, int], fps: int, seconds: float = SECONDS) -> Path:
    """
    A drawn presenter as an MJPEG file: decoding it costs what decoding a camera's stream costs.

    Args:
        folder: where clips are kept; made if it is not there.
        size: (width, height), even.
    """
    path = folder / f"presenter-{size[0]}x{size[1]}-{fps}fps-{seconds:g}s.mkv"
    if path.is_file():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{os.getpid()}-{path.name}")
    with av.open(str(part), "w", format="matroska") as container:
        stream = container.add_stream("mjpeg", rate=fps, options={"q:v": QUALITY})
        stream.width, stream.height = size
        stream.pix_fmt = "yuvj420p"
        for index in range(round(seconds * fps)):
            picture = av.VideoFrame.from_ndarray(paint(index, size, fps=fps)[0], "rgb24")
            picture.pts, picture.time_base = index, Fraction(1, fps)
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
    part.replace(path)
    return path
