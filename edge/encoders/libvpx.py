"""``libvpx:``: VP8 on the CPU, for viewers that do not take H.264."""

from __future__ import annotations

from dataclasses import replace

from edge.encoders import I420, Coded, Kind, Wanted
from edge.encoders._pyav import NEVER, PyAvEncoder
from edge.errors import InputError

WORTH_A_KEYFRAME = 0.2  # a change of bitrate by this much is
SPEED = "-8"


def make(argument: str) -> Kind:
    """
    libvpx in real time.

    Raises:
        InputError: it takes no argument.
    """
    if argument:
        raise InputError(f"libvpx:{argument}: it takes no argument")
    return Kind("libvpx", "VP8", Libvpx)


class Libvpx:
    """
    An encoder of VP8. FFmpeg hands libvpx no change of bitrate, so it is opened anew for one, and
    that makes a key frame.
    """

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._aim_bps = wanted.bitrate_bps
        self._open = _opened(wanted)

    def encode(self, planes: I420, pts: int, keyframe: bool) -> list[Coded]:
        """See ``Encoder``."""
        if keyframe and self._aim_bps != self._wanted.bitrate_bps:
            self._wanted = replace(self._wanted, bitrate_bps=self._aim_bps)
            self._open = _opened(self._wanted)
        return self._open.encode(planes, pts, keyframe)

    def aim(self, bitrate_bps: int) -> bool:
        """See ``Encoder``. Here: at the next key frame, and a small change is not worth one."""
        self._aim_bps = bitrate_bps
        now_bps = self._wanted.bitrate_bps
        return abs(bitrate_bps - now_bps) > WORTH_A_KEYFRAME * now_bps

    def close(self) -> None:
        """Nothing but memory is held."""


def _opened(wanted: Wanted) -> PyAvEncoder:
    rate = str(wanted.bitrate_bps)
    options = {
        "deadline": "realtime",
        "cpu-used": SPEED,
        "lag-in-frames": "0",
        "minrate": rate,  # all three the same: constant bitrate
        "maxrate": rate,
        "bufsize": rate,  # one second
        "overshoot-pct": "15",
        "undershoot-pct": "100",
        "static-thresh": "1",
        "g": NEVER,
    }
    return PyAvEncoder("libvpx", wanted, options, wanted.bitrate_bps)
