"""RTP as a receiver reads it."""

from __future__ import annotations

from aiortc.rtcrtpparameters import RTCRtpHeaderExtensionParameters, RTCRtpParameters
from aiortc.rtp import HeaderExtensionsMap, RtpPacket, unwrap_rtx

from edge.webrtc.sending import stream as module
from edge.webrtc.sending.sender import MID, SEND_TIME
from edge.webrtc.sending.stream import Negotiated, RtpStream
from edge.webrtc.sharing.packets import Picture

TOLD = Negotiated(
    payload_type=99, ssrc=1234, rtx_ssrc=5678, mid="video0", mid_id=1, time_id=3, rtx_type=100
)
EXTENSIONS = HeaderExtensionsMap()
EXTENSIONS.configure(
    RTCRtpParameters(
        headerExtensions=[
            RTCRtpHeaderExtensionParameters(id=1, uri=MID),
            RTCRtpHeaderExtensionParameters(id=3, uri=SEND_TIME),
        ]
    )
)


def picture(ticks: int, *payloads: bytes) -> Picture:
    return Picture(payloads, ticks, False, sum(map(len, payloads)))


def parsed(packets: list[bytes]) -> list[RtpPacket]:
    return [RtpPacket.parse(packet, EXTENSIONS) for packet in packets]


def test_packets_are_in_sequence_and_the_last_of_a_picture_is_marked() -> None:
    stream = RtpStream(TOLD)
    read = parsed(
        stream.packed(picture(0, b"a", b"bb", b"ccc"), 0) + stream.packed(picture(9, b"d"), 0)
    )
    assert [packet.payload for packet in read] == [b"a", b"bb", b"ccc", b"d"]
    assert [packet.marker for packet in read] == [0, 0, 1, 1]
    first = read[0].sequence_number
    assert [packet.sequence_number - first for packet in read] == [0, 1, 2, 3]
    assert {packet.ssrc for packet in read} == {1234}
    assert {packet.payload_type for packet in read} == {99}
    assert (stream.packets, stream.octets) == (4, 7)


def test_a_picture_has_one_time_and_time_always_grows() -> None:
    stream = RtpStream(TOLD)
    stamps = [
        {packet.timestamp for packet in parsed(stream.packed(picture(ticks, b"a", b"b"), 0))}
        for ticks in (3000, 6000, 6000, 100, 9000)
    ]
    assert all(len(stamp) == 1 for stamp in stamps)
    (first,) = stamps[0]
    assert [min(s) - first & 0xFFFFFFFF for s in stamps] == [0, 3000, 3001, 3002, 6000]


def test_the_header_tells_the_section_and_when_it_was_sent() -> None:
    (read,) = parsed(RtpStream(TOLD).packed(picture(0, b"a"), 1000.5))
    assert read.extensions.mid == "video0"
    assert read.extensions.abs_send_time == int(1000.5 * 2**18) % 2**24


def test_without_extensions_the_header_is_still_right() -> None:
    (read,) = parsed(RtpStream(Negotiated(96, 1, 2)).packed(picture(0, b"a"), 0))
    assert (read.payload, read.extensions.mid) == (b"a", None)


def test_a_lost_packet_comes_again_as_a_retransmission() -> None:
    stream = RtpStream(TOLD)
    sent = parsed(stream.packed(picture(5, b"a", b"bb"), 0))
    stream.packed(picture(6, b"c"), 0)
    repaired = []
    for packet in sent:
        again = stream.again(packet.sequence_number, 2.0)
        assert again is not None
        repaired.append(RtpPacket.parse(again, EXTENSIONS))
    assert {packet.ssrc for packet in repaired} == {5678}
    assert {packet.payload_type for packet in repaired} == {100}
    assert repaired[1].sequence_number - repaired[0].sequence_number == 1
    assert repaired[0].extensions.abs_send_time == 2 << 18
    for packet, original in zip(repaired, sent, strict=True):
        restored = unwrap_rtx(packet, payload_type=99, ssrc=1234)
        assert restored.sequence_number == original.sequence_number
        assert restored.timestamp == original.timestamp
        assert restored.payload == original.payload
        assert restored.marker == original.marker


def test_without_retransmission_in_the_answer_it_comes_bit_for_bit_as_it_was() -> None:
    stream = RtpStream(Negotiated(96, 1, 2, "0", 1, 3))
    sent = stream.packed(picture(5, b"a", b"bb"), 7.0)
    for packet in sent:
        assert stream.again(RtpPacket.parse(packet).sequence_number, 9.0) == packet


def test_what_never_was_sent_or_is_long_gone_does_not_come_again() -> None:
    stream = RtpStream(TOLD)
    first = parsed(stream.packed(picture(0, b"a"), 0))[0].sequence_number
    assert stream.again(first + 1 & 0xFFFF, 0) is None
    for index in range(module.KEPT_PACKETS):
        stream.packed(picture(index, b"x"), 0)
    assert stream.again(first, 0) is None
    assert stream.again(first + 1 & 0xFFFF, 0) is not None
    assert len(stream._kept) <= module.KEPT_PACKETS


def test_sequence_numbers_and_time_wrap_around() -> None:
    stream = RtpStream(TOLD)
    read = []
    for index in range(70):
        payloads = [bytes([index])] * 1000
        read += parsed(stream.packed(picture(index * 2**26, *payloads), 0))[-1:]
    steps = [
        later.sequence_number - sooner.sequence_number & 0xFFFF
        for sooner, later in zip(read, read[1:], strict=False)
    ]
    assert set(steps) == {1000}
    assert stream.again(read[-1].sequence_number, 0) is not None
