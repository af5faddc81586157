"""How long a viewer's encoder takes for each picture."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from aiortc.codecs.base import Encoder
from av.frame import Frame
from av.packet import Packet

Tell = Callable[[float], None]  # seconds that one picture took; called in the encoding thread


class TimedEncoder(Encoder):
    """
    An encoder of aiortc's that tells how long each picture takes.

    Args:
        encoder: does the work.
        tell: gets the seconds.
    """

    def __init__(self, encoder: Any, tell: Tell) -> None:
        self._encoder = encoder
        self._tell = tell

    @property
    def target_bitrate(self) -> int:
        """What aiortc sets after each of the viewer's estimates."""
        return int(self._encoder.target_bitrate)

    @target_bitrate.setter
    def target_bitrate(self, bitrate_bps: int) -> None:
        self._encoder.target_bitrate = bitrate_bps

    def encode(self, frame: Frame, force_keyframe: bool = False) -> tuple[list[bytes], int]:
        """As the encoder does: the payloads of one picture, and its time stamp."""
        begin_s = time.perf_counter()
        coded: tuple[list[bytes], int] = self._encoder.encode(frame, force_keyframe)
        self._tell(time.perf_counter() - begin_s)
        return coded

    def pack(self, packet: Packet[Any]) -> tuple[list[bytes], int]:
        """As the encoder does, for what is coded already."""
        packed: tuple[list[bytes], int] = self._encoder.pack(packet)
        return packed
