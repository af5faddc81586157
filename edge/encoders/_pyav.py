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


SMOOTHING = 0.2  # so much of the newest interval
SLOW, SLOWEST = 1.25, 4.0  # times as long as expected: from there on, and at most
WORTH_TELLING = 0.05  # a change of bitrate by this much is; some encoders stumble at each


class PyAvEncoder:
    """
    One open encoder, in constant bitrate that may change while it runs.

    FFmpeg's encoders divide a second's bits by the rate they were opened for. Where pictures come
    more slowly, for the model is slow, each is given more, so that the bitrate is what was wanted.

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
        self._context = context
        self._ceiling_bps = max(ceiling_bps, wanted.bitrate_bps)
        self._expected = self._interval = CLOCK_HZ / max(1, round(wanted.fps))
        self._last_pts: int | None = None
        self._aim_bps = wanted.bitrate_bps
        self._steer()

    def encode(self, planes: I420, pts: int, keyframe: bool) -> list[Coded]:
        """See ``Encoder``."""
        self._notice(pts)
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
        self._aim_bps = bitrate_bps
        self._steer()
        return False

    def close(self) -> None:
        """Nothing but memory is held."""

    def _notice(self, pts: int) -> None:
        """How fast pictures really come."""
        if self._last_pts is not None:
            newest = min(pts - self._last_pts, SLOWEST * self._expected)
            self._interval += SMOOTHING * (newest - self._interval)
            self._steer()
        self._last_pts = pts

    def _steer(self) -> None:
        """FFmpeg tells its encoder of a change with the next picture, if it is one."""
        slower = self._interval / self._expected
        wanted_bps = self._aim_bps * (slower if slower > SLOW else 1.0)
        told_bps, wanted_bps = self._context.bit_rate or 0, min(wanted_bps, self._ceiling_bps)
        if abs(wanted_bps - told_bps) > WORTH_TELLING * told_bps:
            self._context.bit_rate = int(wanted_bps)


def words(error: Exception) -> str:
    """What FFmpeg says, in a line."""
    return " ".join(str(getattr(error, "strerror", None) or error).split())
