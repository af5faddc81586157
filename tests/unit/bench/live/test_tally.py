"""Frames that came whole, told from RTP headers alone."""

from __future__ import annotations

import struct

from bench.live.tally import Tally

VIDEO, AGAIN = 97, 98


def packet(sequence: int, marker: bool = False, payload_type: int = VIDEO) -> bytes:
    second = payload_type | (0x80 if marker else 0)
    return struct.pack("!BBHII", 0x80, second, sequence % 65536, 1234, 42) + b"secret"


def count(*packets: bytes) -> Tally:
    tally = Tally(VIDEO)
    for data in packets:
        tally.take(data)
    return tally


def frames(first: int, number: int, of: int = 3) -> list[bytes]:
    return [packet(first + i, marker=i % of == of - 1) for i in range(number * of)]


def test_each_frame_counts_once_after_the_first_marker() -> None:
    tally = count(*frames(10, 5))
    assert (tally.frames, tally.packets, tally.lost) == (4, 15, 0)
    assert (tally.ssrc, tally.highest) == (42, 24)


def test_a_frame_with_a_gap_does_not_count() -> None:
    sent = frames(0, 6)
    del sent[7]
    tally = count(*sent)
    assert (tally.frames, tally.lost) == (4, 1)


def test_a_lost_marker_takes_the_frame_behind_it_too() -> None:
    sent = frames(0, 6)
    del sent[8]  # the end of the third, without which the fourth cannot be told from it
    assert count(*sent).frames == 3


def test_sequence_numbers_may_turn_over() -> None:
    tally = count(*frames(65530, 4))
    assert (tally.frames, tally.lost) == (3, 0)


def test_packets_sent_again_and_rubbish_do_not_count() -> None:
    tally = count(*frames(0, 2), packet(900, True, AGAIN), b"\x80", *frames(6, 2))
    assert (tally.frames, tally.packets) == (3, 12)
