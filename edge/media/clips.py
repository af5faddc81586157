"""
Video files from outside: opened with file access alone, as the one container format sniffed.

FFmpeg left to itself would take a text file for a playlist and fetch what it names.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import av
import cv2
import numpy as np
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from edge.errors import InputTooLarge, UndecodableInput, UnsupportedInput
from edge.frame import Rgb
from edge.media.cover import cover
from edge.media.uploads import type_of

MAX_PIXELS = 4096 * 2304
MAX_SECONDS = 600
CODECS = {"h264", "hevc", "av1", "vp8", "vp9", "mpeg4", "mjpeg", "prores"}  # what people have
DEFAULT_FPS = 25
OPTIONS = {"protocol_whitelist": "file", "max_pixels": str(MAX_PIXELS)}
TURNS = {
    90: cv2.ROTATE_90_COUNTERCLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_CLOCKWISE,
}


def frames(path: Path) -> Iterator[tuple[float, float, av.VideoFrame]]:
    """
    The clip's frames once through, each with the time it is shown from and until.

    Times are seconds from the clip's first frame on, and never go back.

    Raises:
        InputError: the file cannot be read.
        InputTooLarge: its pictures are too large, or it is too long.
        UnsupportedInput: not a video of a type that is taken, or one without pictures.
        UndecodableInput: broken. Frames before the break have been given.
    """
    with _opened(path) as (container, stream):
        period_s = 1 / float(stream.average_rate or DEFAULT_FPS)
        began_s: float | None = None
        shown_s = -period_s
        for frame in container.decode(stream):
            if frame.width * frame.height > MAX_PIXELS:  # it may grow mid-way
                _refuse_size(frame.width, frame.height)
            time_s = shown_s + period_s if frame.time is None else float(frame.time)
            began_s = time_s if began_s is None else began_s
            shown_s = max(time_s - began_s, shown_s, 0.0)
            yield shown_s, shown_s + period_s, frame


def first_picture(path: Path) -> Rgb:
    """
    The clip's first picture at its own size, upright. Proves that the clip can be played.

    Raises:
        InputError: as ``frames``.
    """
    for _, _, frame in frames(path):
        return to_rgb(frame)
    raise UndecodableInput("not one picture in this video could be decoded: export it again")


def to_rgb(frame: av.VideoFrame, size: tuple[int, int] | None = None) -> Rgb:
    """
    A decoded frame as an upright picture, cover-fitted to ``size`` (width, height) if given.

    Shrinking happens while the colours are converted, which costs half of doing it afterwards.
    """
    turned = frame.rotation % 360
    if size is not None:
        width, height = size if turned % 180 == 0 else (size[1], size[0])
        scale = max(width / frame.width, height / frame.height)
        if scale < 1:
            width = max(width, round(frame.width * scale))
            height = max(height, round(frame.height * scale))
            frame = frame.reformat(width, height, "rgb24", interpolation="AREA")
    picture = np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)
    if turned in TURNS:
        picture = np.asarray(cv2.rotate(picture, TURNS[turned]), np.uint8)
    return picture if size is None else cover(picture, size)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    found = type_of(path, "video")
    try:
        with av.open(str(path.resolve()), "r", format=found.decoder, options=OPTIONS) as container:
            stream = _checked(container)
            stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}
            stream.thread_type = "AUTO"
            stream.codec_context.thread_count = 2  # the matte needs the other cores
            yield container, stream
    except (av.FFmpegError, OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or error
        raise UndecodableInput(
            f"the {found.name} video is broken or cut short ({words}): export or send it again"
        ) from error


def _checked(container: InputContainer) -> VideoStream:
    streams = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not streams:
        raise UnsupportedInput("this file has sound but no pictures; wanted a video")
    stream = streams[0]
    if stream.codec_context is None:
        raise UnsupportedInput("a video of an unknown codec; wanted H.264, H.265, AV1, VP8 or VP9")
    codec = stream.codec_context.codec.canonical_name
    if codec not in CODECS:
        raise UnsupportedInput(f"a {codec} video; wanted H.264, H.265, AV1, VP8 or VP9")
    if stream.width * stream.height > MAX_PIXELS:
        _refuse_size(stream.width, stream.height)
    seconds = (container.duration or 0) / av.time_base
    if seconds > MAX_SECONDS:
        raise InputTooLarge(
            f"the video lasts {seconds / 60:.0f} minutes; wanted {MAX_SECONDS // 60} at most: "
            "cut it, it is looped anyway"
        )
    return stream


def _refuse_size(width: int, height: int) -> None:
    raise InputTooLarge(
        f"the video's pictures are {width} x {height}; wanted 4096 x 2304 at most: scale it down"
    )
