"""A video file that grows, and may be played whenever and however it ends: MP4 in fragments."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
from av.video.frame import PictureType

from edge.encoders import CLOCK_HZ
from edge.encoders._pyav import COLOURS, words
from edge.errors import EncoderError, StorageError
from edge.files import PRIVATE
from edge.frame import Composite

KEYFRAME_S = 2.0  # a fragment each: what a cut of power may cost
FPS = 30  # about; each picture has its own time
OPTIONS = {
    # Constant quality, and for noise no more than the 6 Mbit/s that viewers get at most.
    **{"preset": "superfast", "crf": "23", "maxrate": "6M", "bufsize": "12M"},
    **{"bf": "0", "g": "100000"},  # times begin at 0; key frames come when they are asked for
}
FRAGMENTS = {"movflags": "frag_keyframe+empty_moov+default_base_moof", "flush_packets": "1"}


class Film:
    """
    Used in one thread at a time.

    Args:
        path: the file, readable for its owner alone.
        size: (width, height) of every picture, both even.

    Raises:
        StorageError: the file cannot be written.
        EncoderError: this FFmpeg cannot encode H.264.
    """

    def __init__(self, path: Path, size: tuple[int, int]) -> None:
        self.path = path
        self.size = size
        self._begun_ns: int | None = None
        self._last = self._key = -1
        try:
            path.touch(PRIVATE, exist_ok=False)
            self._file = av.open(str(path), "w", format="mp4", options=FRAGMENTS)
            self._stream = self._file.add_stream(
                "libx264", rate=FPS, options={**COLOURS, **OPTIONS}
            )
        except OSError as error:
            raise StorageError(f"{path}: {error.strerror or error}") from error
        except (av.FFmpegError, ValueError) as error:
            raise EncoderError(f"nothing can be recorded: {words(error)}") from error
        self._stream.width, self._stream.height = size
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = Fraction(1, CLOCK_HZ)
        self._stream.codec_context.thread_count = 1

    @property
    def bytes(self) -> int:
        """Of the file so far."""
        return self.path.stat().st_size

    def add(self, composite: Composite) -> None:
        """
        The next picture, of ``size``.

        Raises:
            StorageError: the disk is full.
        """
        begun_ns = self._begun_ns = self._begun_ns or composite.composited_ns
        ticks = (composite.composited_ns - begun_ns) * CLOCK_HZ // 1_000_000_000
        self._last = ticks = max(ticks, self._last + 1)
        frame = av.VideoFrame.from_ndarray(composite.image, format="rgb24")
        frame.pts, frame.time_base = ticks, Fraction(1, CLOCK_HZ)
        if self._key < 0 or ticks - self._key >= KEYFRAME_S * CLOCK_HZ:
            self._key, frame.pict_type = ticks, PictureType.I
        self._write(frame)

    def close(self) -> None:
        """
        Write what is left. The file can be played, whatever comes of it.

        Raises:
            StorageError: the disk is full.
        """
        try:
            if self._last >= 0:
                self._write(None)
        finally:
            try:
                self._file.close()
            except av.FFmpegError as error:
                raise StorageError(f"{self.path}: {words(error)}") from error

    def _write(self, frame: av.VideoFrame | None) -> None:
        try:
            self._file.mux(self._stream.encode(frame))
        except av.FFmpegError as error:
            raise StorageError(f"{self.path}: {words(error)}; is the disk full?") from error
