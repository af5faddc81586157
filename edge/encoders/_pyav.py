"""An encoder of FFmpeg's, through PyAV."""

from __future__ import annotations

from fractions import Fraction

import av
from av.video.frame import PictureType

from edge.encoders import CLOCK_HZ, I420, Coded, Wanted
from edge.errors import EncoderError

NEVER = "100000"  # pictures between key frames that nobody asked for
# What the planes are (see I420), told in the stream: without, browsers guess BT.709 for H.264.
COLOURS = {
    "colorspace": "smpte170m",
    "color_primaries": "bt709",
    "color_trc": "bt709",
    "color_range": "tv",
}


class PyAvEncoder:
    """
    One open encoder, in constant bitrate that may change while it runs.

    Args:
        name: FFmpeg's, such as "libx264".
        options: FFmpeg's, for this encoder.
        ceiling_bps: the rate it is opened with. FFmpeg hands a change of bitrate to x264 only
            downwards from there (``rc_max_rate`` is fixed once it is open), so it is opened at the
            highest and told the wanted one at once.

    Raises:
        EncoderError: this FFmpeg has no such encoder, or it cannot be opened here.
    """

    def __init__(
        self, name: str, wanted: Wanted, options: dict[str, str], ceiling_bps: int
    ) -> None:
        self._name = name
        try:
            context = av.CodecContext.create(name, "w")
            if not isinstance(context, av.VideoCodecContext):
                raise EncoderError(f"{name} encodes no video")
            context.width, context.height = wanted.width, wanted.height
            context.pix_fmt = "yuv420p"
            context.framerate = Fraction(max(1, round(wanted.fps)), 1)
            context.time_base = Fraction(1, CLOCK_HZ)
            context.thread_count = wanted.threads
            context.bit_rate = ceiling_bps
            context.options = {**COLOURS, **options}
            context.open()
        except (av.FFmpegError, ValueError) as error:  # an unknown name is a ValueError
            raise EncoderError(f"{name} cannot be opened: {words(error)}") from error
        context.bit_rate = wanted.bitrate_bps
        self._context = context

    def encode(self, planes: I420, pts: int, keyframe: bool) -> list[Coded]:
        """See ``Encoder``."""
        frame = av.VideoFrame.from_numpy_buffer(planes, format="yuv420p")
        frame.pts, frame.time_base = pts, Fraction(1, CLOCK_HZ)
        frame.pict_type = PictureType.I if keyframe else PictureType.NONE
        try:
            packets = self._context.encode(frame)
        except av.FFmpegError as error:
            raise EncoderError(f"{self._name} gave up: {words(error)}") from error
        return [
            Coded(bytes(packet), pts if packet.pts is None else packet.pts, packet.is_keyframe)
            for packet in packets
        ]

    def aim(self, bitrate_bps: int) -> bool:
        """See ``Encoder``. Here: at once."""
        self._context.bit_rate = bitrate_bps
        return False

    def close(self) -> None:
        """Nothing but memory is held."""


def words(error: Exception) -> str:
    """What FFmpeg says, in a line."""
    return " ".join(str(getattr(error, "strerror", None) or error).split())
