"""One viewer's RTP stream: headers around payloads that all viewers share."""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass
from struct import Struct

from edge.encoders import CLOCK_HZ
from edge.webrtc.sharing.packets import Picture

HEADER = Struct("!BBH")  # version and flags, marker and payload type, sequence number
TAIL = Struct("!LL")  # timestamp, SSRC
EXTENDED, MARKER = 0x90, 0x80  # version 2 with a header extension; the last packet of a picture
ONE_BYTE_EXTENSIONS = 0xBEDE  # RFC 8285
KEPT_PACKETS = 1024  # for retransmission: a second at 10 Mbit/s


@dataclass(frozen=True, slots=True)
class Negotiated:
    """
    What offer and answer settled on.

    Attributes:
        mid, mid_id: the media section's name, and the header extension that carries it; 0: none.
        time_id: the header extension of the absolute send time, which REMB is made from; 0: none.
        rtx_type: payload type of retransmissions (RFC 4588), or None: the packet itself is sent
            again.
    """

    payload_type: int
    ssrc: int
    rtx_ssrc: int
    mid: str = ""
    mid_id: int = 0
    time_id: int = 0
    rtx_type: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Sent:
    """A picture that went out: its first sequence number, and what follows that in the header."""

    first: int
    tail: bytes
    payloads: tuple[bytes, ...]


class RtpStream:
    """
    Makes RTP packets of pictures, in order.

    Attributes:
        packets, octets: sent so far, without retransmissions.
        timestamp: the last picture's.
    """

    def __init__(self, negotiated: Negotiated) -> None:
        self._told = negotiated
        # In the lower half, for SRTP receivers that join late take a wrap for a replay.
        self._next = random.randrange(1 << 15)
        self._rtx_next = random.randrange(1 << 15)
        self._offset = random.randrange(1 << 32)
        self._ticks = -1
        self._kept: deque[_Sent] = deque()
        self._kept_packets = 0
        self.packets = self.octets = self.timestamp = 0

    def packed(self, picture: Picture, now_s: float) -> list[bytes]:
        """
        The packets of the next picture.

        Args:
            now_s: monotonic time, for the absolute send time. Receivers look at differences
                alone, and these must not jump when the wall clock is set.
        """
        self._ticks = max(picture.ticks, self._ticks + 1)
        self.timestamp = (self._ticks + self._offset) & 0xFFFFFFFF
        tail = TAIL.pack(self.timestamp, self._told.ssrc) + self._extensions(now_s)
        first, last = self._next, len(picture.payloads) - 1
        kind, pack = self._told.payload_type, HEADER.pack
        packets = [
            pack(EXTENDED, kind | MARKER if i == last else kind, first + i & 0xFFFF)
            + tail
            + payload
            for i, payload in enumerate(picture.payloads)
        ]
        self._next = first + len(packets) & 0xFFFF
        self.packets += len(packets)
        self.octets += picture.size
        self._keep(_Sent(first, tail, picture.payloads))
        return packets

    def again(self, sequence: int, now_s: float) -> bytes | None:
        """A lost packet, to be sent once more at ``now_s``; None: it is too long ago."""
        for sent in reversed(self._kept):
            index = sequence - sent.first & 0xFFFF
            if index < len(sent.payloads):
                return self._wrapped(sent, index, sequence, now_s)
        return None

    def timestamp_after(self, seconds: float) -> int:
        """RTP's clock so long after the last picture."""
        return int(self.timestamp + seconds * CLOCK_HZ) & 0xFFFFFFFF

    def _wrapped(self, sent: _Sent, index: int, sequence: int, now_s: float) -> bytes:
        told, mark = self._told, MARKER if index == len(sent.payloads) - 1 else 0
        if told.rtx_type is None:
            # Bit for bit what was sent: SRTP must not encrypt two texts under one number.
            header = HEADER.pack(EXTENDED, told.payload_type | mark, sequence)
            return header + sent.tail + sent.payloads[index]
        header = HEADER.pack(EXTENDED, told.rtx_type | mark, self._rtx_next)
        self._rtx_next = self._rtx_next + 1 & 0xFFFF
        tail = sent.tail[:4] + told.rtx_ssrc.to_bytes(4, "big")
        extensions = self._extensions(now_s)  # anew, or the detour would look like congestion
        return header + tail + extensions + sequence.to_bytes(2, "big") + sent.payloads[index]

    def _keep(self, sent: _Sent) -> None:
        self._kept.append(sent)
        self._kept_packets += len(sent.payloads)
        while self._kept_packets > KEPT_PACKETS and len(self._kept) > 1:
            self._kept_packets -= len(self._kept.popleft().payloads)

    def _extensions(self, now_s: float) -> bytes:
        """RFC 8285, one-byte form: the media section's name, and when this was sent."""
        told, body = self._told, b""
        if told.mid_id and told.mid:
            name = told.mid.encode()[:16]
            body += bytes([told.mid_id << 4 | len(name) - 1]) + name
        if told.time_id:
            seconds_6_18 = int(now_s * (1 << 18)) & 0xFFFFFF
            body += bytes([told.time_id << 4 | 2]) + seconds_6_18.to_bytes(3, "big")
        body += bytes(-len(body) % 4)
        return ONE_BYTE_EXTENSIONS.to_bytes(2, "big") + (len(body) // 4).to_bytes(2, "big") + body
