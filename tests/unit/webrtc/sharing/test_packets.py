"""Coded pictures in payloads that aiortc's depacketisers put together again."""

from __future__ import annotations

import random

import pytest
from aiortc.codecs.h264 import h264_depayload
from aiortc.codecs.vpx import vp8_depayload

from edge.encoders import Coded
from edge.webrtc.sharing.packets import MAX_PAYLOAD, packetised

START = b"\x00\x00\x00\x01"
SPS, PPS, SEI, DELIMITER = b"\x67sps", b"\x68pps", b"\x06words", b"\x09\x10"


def nal(first: int, length: int) -> bytes:
    """Bytes without start codes, and no zero at the end."""
    rest = bytes(random.Random(length).randrange(1, 256) for _ in range(length - 1))
    return bytes([first]) + rest


def together(payloads: tuple[bytes, ...]) -> bytes:
    return b"".join(h264_depayload(payload) for payload in payloads)


@pytest.mark.parametrize("length", [2, 100, MAX_PAYLOAD - 1, MAX_PAYLOAD, MAX_PAYLOAD + 1, 30_000])
def test_h264_comes_together_again_whatever_its_length(length: int) -> None:
    slice_ = nal(0x65, length)
    unit = START + SPS + START + PPS + b"\x00\x00\x01" + slice_
    picture = packetised(Coded(unit, 42, True), "H264")
    assert together(picture.payloads) == START + SPS + START + PPS + START + slice_
    assert max(map(len, picture.payloads)) <= MAX_PAYLOAD
    assert picture.size == sum(map(len, picture.payloads))
    assert (picture.ticks, picture.keyframe) == (42, True)


def test_parameter_sets_and_a_small_slice_go_in_one_packet() -> None:
    unit = START + SPS + START + PPS + START + nal(0x65, 500)
    assert len(packetised(Coded(unit, 0, True), "H264").payloads) == 1


def test_what_no_decoder_needs_is_left_out() -> None:
    unit = START + DELIMITER + START + SEI + START + nal(0x41, 50) + b"\x00\x00"
    payloads = packetised(Coded(unit, 0, False), "H264").payloads
    assert payloads == (nal(0x41, 50),)


@pytest.mark.parametrize("length", [1, MAX_PAYLOAD - 1, MAX_PAYLOAD, 10_000])
def test_vp8_comes_together_again_and_marks_where_a_frame_begins(length: int) -> None:
    frame = random.Random(length).randbytes(length)
    payloads = packetised(Coded(frame, 0, False), "VP8").payloads
    assert b"".join(map(vp8_depayload, payloads)) == frame
    assert [payload[0] for payload in payloads] == [0x10] + [0] * (len(payloads) - 1)
    assert max(map(len, payloads)) <= MAX_PAYLOAD


@pytest.mark.parametrize("codec", ["H264", "VP8"])
def test_packets_of_a_large_picture_are_of_one_length_but_the_last(codec: str) -> None:
    data = START + nal(0x41, 20_000) if codec == "H264" else nal(0x41, 20_000)
    *all_but_last, last = packetised(Coded(data, 0, False), codec).payloads  # type: ignore[arg-type]
    assert {len(payload) for payload in all_but_last} == {MAX_PAYLOAD}
    assert len(last) <= MAX_PAYLOAD
