"""A coded picture in RTP payloads, made once for all who watch it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from edge.encoders import CodecName, Coded

# With headers, SRTP's tag, UDP and IPv6 below 1280 bytes: what every path carries, tunnels too.
MAX_PAYLOAD = 1180

VP8_FIRST, VP8_REST = b"\x10", b"\x00"  # payload descriptor: whether a frame starts here
STAP_A, FU_A = 24, 28
FU_START, FU_END = 0x80, 0x40
TYPE, IMPORTANCE = 0x1F, 0x60  # parts of a NAL unit's first byte
NOT_NEEDED = {6, 9, 12}  # SEI, access unit delimiter, filler
START_CODE = re.compile(rb"\x00\x00\x01")


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """
    A coded picture on its way to viewers.

    Attributes:
        payloads: RTP payloads, in order; all but the first and last of a large one are of one
            length, so that the kernel can cut them apart.
        ticks: its time on RTP's clock, growing within a rendition.
        keyframe: whether a decoder may begin with it.
        size: bytes of all payloads.
    """

    payloads: tuple[bytes, ...]
    ticks: int
    keyframe: bool
    size: int


def packetised(coded: Coded, codec: CodecName) -> Picture:
    """``coded`` cut into payloads of at most ``MAX_PAYLOAD`` bytes."""
    cut = _vp8 if codec == "VP8" else _h264
    payloads = tuple(cut(coded.data))
    return Picture(payloads, coded.pts, coded.keyframe, sum(map(len, payloads)))


def _vp8(frame: bytes) -> Iterator[bytes]:
    """
    RFC 7741 with the shortest descriptor. It has no picture id: whoever changes renditions would
    see it jump, and receivers order by sequence number without.
    """
    room = MAX_PAYLOAD - 1
    for start in range(0, len(frame), room):
        yield (VP8_REST if start else VP8_FIRST) + frame[start : start + room]


def _h264(unit: bytes) -> Iterator[bytes]:
    """RFC 6184, packetization-mode 1: small NAL units together, large ones in fragments."""
    small: list[bytes] = []
    for nal in _nals(unit):
        if len(nal) + 3 + sum(len(other) + 2 for other in small) > MAX_PAYLOAD:
            yield from _together(small)
            small = []
        if len(nal) > MAX_PAYLOAD:
            yield from _fragments(nal)
        else:
            small.append(nal)
    yield from _together(small)


def _nals(unit: bytes) -> Iterator[bytes]:
    starts = [match.end() for match in START_CODE.finditer(unit)]
    ends = [start - 3 for start in starts[1:]] + [len(unit)]
    for start, end in zip(starts, ends, strict=True):
        nal = unit[start:end].rstrip(b"\x00")  # a NAL unit ends in a one bit
        if nal and nal[0] & TYPE not in NOT_NEEDED:
            yield nal


def _together(nals: list[bytes]) -> Iterator[bytes]:
    if len(nals) < 2:
        yield from nals
        return
    importance = max(nal[0] & IMPORTANCE for nal in nals)
    parts = [len(nal).to_bytes(2, "big") + nal for nal in nals]
    yield bytes([STAP_A | importance]) + b"".join(parts)


def _fragments(nal: bytes) -> Iterator[bytes]:
    indicator, kind = (nal[0] & IMPORTANCE) | FU_A, nal[0] & TYPE
    room = MAX_PAYLOAD - 2
    for start in range(1, len(nal), room):
        edge = FU_START if start == 1 else FU_END if start + room >= len(nal) else 0
        yield bytes([indicator, kind | edge]) + nal[start : start + room]
