"""A video file, looped at its own pace. What ``file:`` and ``demo:`` have in common."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from edge.errors import SourceError
from edge.frame import Frame, Rgb
from edge.sources import Granted
from edge.sources._pacer import Pacer

DEFAULT_FPS = 25.0
GAP_S = 2.0  # a longer step between two frames is a broken time stamp, not a pause


class Clip:
    """
    Args:
        path: a file; it is opened with file access alone, so no playlist in it is followed. What
            viewers read of it is its name: the folders are the operator's.
        to_image: makes an upright picture of a decoded one.
    """

    def __init__(self, path: Path, to_image: Callable[[av.VideoFrame], Rgb]) -> None:
        self.granted: Granted | None = None
        self._path = path
        self._to_image = to_image
        self._pacer = Pacer()

    def close(self) -> None:
        """End the iteration at once. From any thread, any number of times."""
        self._pacer.close()

    def __iter__(self) -> Iterator[Frame]:
        """
        Frames at the file's pace, over and over, until ``close``.

        Raises:
            SourceError: missing, no video, or not one picture in it can be decoded.
        """
        index = 0
        self._pacer.restart()
        begin_s = 0.0
        while not self._pacer.closed:
            shown = 0
            for position_s, until_s, paint in self.round():
                if not self._pacer.wait_until(begin_s + position_s):
                    return
                image = paint()
                self.granted = Granted(image.shape[1], image.shape[0], round(self._fps, 3))
                yield Frame(image, index, time.monotonic_ns())
                index, shown, end_s = index + 1, shown + 1, until_s
            if not shown:
                raise SourceError(f"{self._path.name}: not one picture in it decodes. {EXPORT}")
            begin_s += end_s

    def round(self) -> Iterator[tuple[float, float, Callable[[], Rgb]]]:
        """
        Once through: when each picture begins and ends, in seconds from the first on, and what
        gives it. Ends early where the file is broken.
        """
        shown = False
        with self._opened() as (container, stream):
            rate = float(stream.guessed_rate or stream.average_rate or DEFAULT_FPS)
            self._fps = rate if rate >= 1 / GAP_S else DEFAULT_FPS
            period_s = 1 / self._fps
            position_s, before_s = -period_s, None
            try:
                for picture in container.decode(stream):
                    step_s = period_s
                    if picture.time is not None and before_s is not None:
                        step_s = float(picture.time) - before_s
                    before_s = picture.time
                    position_s += step_s if 0 < step_s <= GAP_S else period_s
                    shown = True
                    yield position_s, position_s + period_s, partial(self._to_image, picture)
            except (av.FFmpegError, OSError) as error:
                if not shown:
                    raise SourceError(f"{self._path.name}: {_words(error)}. {EXPORT}") from error
                # A file cut short plays up to the cut, over and over.

    @contextmanager
    def _opened(self) -> Iterator[tuple[InputContainer, VideoStream]]:
        if not self._path.is_file():
            raise SourceError(f"{self._path.name}: no such file. Check the path.")
        try:
            container = av.open(
                f"file:{self._path.resolve()}", options={"protocol_whitelist": "file"}
            )
        except (av.FFmpegError, OSError) as error:
            raise SourceError(f"{self._path.name}: {_words(error)}. {EXPORT}") from error
        with container:
            streams = [
                stream
                for stream in container.streams.video
                if not stream.disposition & Disposition.attached_pic  # a song's cover
            ]
            if not streams:
                raise SourceError(f"{self._path.name}: it has no pictures. Wanted a video file.")
            streams[0].thread_type = "AUTO"
            streams[0].codec_context.thread_count = 2  # the matte needs the other cores
            yield container, streams[0]


EXPORT = "Wanted a whole video file (MP4, WebM, MOV ...): export or copy it again."


def _words(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
