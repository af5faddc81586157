"""How many frames of an RTP stream came whole, told from its headers."""

from __future__ import annotations

MARKER = 0x80


class Tally:
    """
    Counts the frames of one RTP stream that came whole, in order.

    Args:
        payload_type: of the packets that count; others are sent-again ones.

    Attributes:
        frames: whole ones: up to a marker without a gap in the sequence numbers.
        packets: all that came.
        lost: gaps in the sequence numbers, summed.
    """

    def __init__(self, payload_type: int | None) -> None:
        self.frames = self.packets = self.lost = 0
        self.ssrc = 0
        self.highest = -1
        self._payload_type = payload_type
        self._whole = False  # the first frame may be joined in its middle

    def take(self, data: bytes) -> None:
        """Count one packet (RFC 3550: V P X CC, M PT, sequence number, time stamp, SSRC)."""
        if len(data) < 12 or data[1] & ~MARKER != self._payload_type:
            return
        sequence = int.from_bytes(data[2:4], "big")
        gap = (sequence - self.highest - 1) % (1 << 16) if self.highest >= 0 else 0
        if gap:
            self._whole = False
            self.lost += gap if gap < 1 << 15 else 0  # else an old one, come late
        self.ssrc, self.highest = int.from_bytes(data[8:12], "big"), sequence
        self.packets += 1
        if data[1] & MARKER:
            self.frames += self._whole
            self._whole = True
