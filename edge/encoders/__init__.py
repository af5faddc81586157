"""
How composites become video. Each module here is one kind and has ``make(argument) -> Kind``.

A kind is cheap to make: nothing is opened, and no runtime is imported, before ``Kind.open``.
``edge.encoders._order`` tries kinds one after another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

I420 = NDArray[np.uint8]  # (H * 3 / 2, W): Y, then U and V at half size; BT.601, limited range
CodecName = Literal["H264", "VP8"]
CLOCK_HZ = 90_000  # RTP's clock for video; every ``pts`` is in its ticks


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    What an encoder is opened for.

    Attributes:
        width, height: of every picture, both even.
        fps: about how many pictures come in a second.
        bitrate_bps: what it begins at.
        max_bps: it is never told to give more than that.
        threads: how many it may use; 0: as many as it likes.
    """

    width: int
    height: int
    fps: float
    bitrate_bps: int
    max_bps: int
    threads: int = 1


@dataclass(frozen=True, slots=True)
class Coded:
    """
    One picture, as a decoder takes it.

    Attributes:
        data: H.264 as an Annex B access unit, with SPS and PPS before each IDR; or a VP8 frame.
        pts: that of the picture it was made from.
        keyframe: whether decoding may begin here (H.264: IDR).
    """

    data: bytes
    pts: int
    keyframe: bool


class Encoder(Protocol):
    """An open encoder. Used in one thread at a time."""

    def encode(self, planes: I420, pts: int, keyframe: bool) -> list[Coded]:
        """
        Encode the next picture. ``planes`` may be written to by others after the call.

        Args:
            planes: of the size it was opened for.
            pts: larger than the last one's.
            keyframe: make it one.

        Returns:
            What is ready, in order. An encoder in hardware may be a picture behind.

        Raises:
            EncoderError: it gave up, and is to be closed.
        """
        ...

    def aim(self, bitrate_bps: int) -> bool:
        """
        Go for another bitrate, from the next picture on.

        Returns:
            Whether it can only do so at a key frame, and does at the next one.
        """
        ...

    def close(self) -> None:
        """Free what it holds. It is not used any more."""
        ...


@dataclass(frozen=True, slots=True)
class Kind:
    """
    One way to encode.

    Attributes:
        name: as an operator writes it, such as "libx264" or "gstreamer:x264enc".
        codec: what comes out.
        open: gives an open encoder, or raises EncoderError.
    """

    name: str
    codec: CodecName
    open: Callable[[Wanted], Encoder]
