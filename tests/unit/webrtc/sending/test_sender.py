"""What goes to one viewer, and what its reports lead to. The transport under it is played."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from aiortc import RTCRtpSender, clock
from aiortc.rtcdtlstransport import RtpRouter
from aiortc.rtcrtpparameters import (
    RTCRtcpParameters,
    RTCRtpCodecParameters,
    RTCRtpHeaderExtensionParameters,
    RTCRtpSendParameters,
)
from aiortc.rtp import (
    AnyRtcpPacket,
    RtcpByePacket,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSrPacket,
    RtpPacket,
    pack_remb_fci,
)

from edge.webrtc.sending import sender as module
from edge.webrtc.sending.sender import MID, SEND_TIME, SharedSender
from edge.webrtc.sharing.packets import Picture

PARAMETERS = RTCRtpSendParameters(
    codecs=[
        RTCRtpCodecParameters(mimeType="video/H264", clockRate=90_000, payloadType=99),
        RTCRtpCodecParameters(
            mimeType="video/rtx", clockRate=90_000, payloadType=100, parameters={"apt": 99}
        ),
    ],
    headerExtensions=[
        RTCRtpHeaderExtensionParameters(id=1, uri=MID),
        RTCRtpHeaderExtensionParameters(id=3, uri=SEND_TIME),
    ],
    muxId="0",
    rtcp=RTCRtcpParameters(cname="device"),
)


class Line:
    """DTLS, ICE and the socket: notes what is sent, and encrypts nothing."""

    def __init__(self) -> None:
        self.state = "connected"
        self.rtp: list[RtpPacket] = []
        self.rtcp: list[AnyRtcpPacket] = []
        self._rtp_router = RtpRouter()
        self._tx_srtp: Any = SimpleNamespace(protect=lambda packet: packet)
        pair = SimpleNamespace(protocol=SimpleNamespace(transport=self), remote_addr=("far", 1))
        self.nominated = {1: pair}
        self.transport = SimpleNamespace(_connection=SimpleNamespace(_nominated=self.nominated))

    def get_extra_info(self, name: str) -> None:
        return None

    def sendto(self, data: bytes, address: tuple[str, int]) -> None:
        assert address == ("far", 1)
        self.rtp.append(RtpPacket.parse(data))

    def _register_rtp_sender(self, sender: Any, parameters: RTCRtpSendParameters) -> None:
        self._rtp_router.register_sender(sender, ssrc=sender._ssrc)

    def _unregister_rtp_sender(self, sender: Any) -> None:
        self._rtp_router.unregister_sender(sender)

    async def _send_rtp(self, data: bytes) -> None:
        self.rtcp += RtcpPacket.parse(data)


class Reports:
    """Who hears what the viewer reports."""

    def __init__(self) -> None:
        self.codec: str | None = None
        self.keyframes = 0
        self.bps: list[float] = []
        self.losses: list[float] = []

    def ready(self, codec: str) -> None:
        self.codec = codec

    def keyframe(self) -> None:
        self.keyframes += 1

    def carries(self, bps: float) -> None:
        self.bps.append(bps)

    def lost(self, share: float) -> None:
        self.losses.append(share)


class Stage:
    def __init__(self) -> None:
        self.line = Line()
        self.reports = Reports()
        plain = RTCRtpSender("video", self.line)  # type: ignore[arg-type]
        self.sender = SharedSender.adopt(plain, self.reports)

    async def arrives(self, packet: AnyRtcpPacket) -> None:
        """``packet`` comes from the viewer, and aiortc says whose it is."""
        for recipient in self.line._rtp_router.route_rtcp(packet):
            await recipient._handle_rtcp_packet(packet)


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    made = Stage()
    await made.sender.send(PARAMETERS)
    yield made
    await made.sender.stop()


def picture(*payloads: bytes) -> Picture:
    return Picture(payloads, 0, True, sum(map(len, payloads)))


def feedback(fmt: int, media_ssrc: int, fci: bytes = b"") -> RtcpPsfbPacket:
    return RtcpPsfbPacket(fmt=fmt, ssrc=7, media_ssrc=media_ssrc, fci=fci)


async def test_pictures_go_only_once_the_viewer_is_connected() -> None:
    stage = Stage()
    assert not stage.sender.show(picture(b"a"))
    await stage.sender.send(PARAMETERS)
    assert stage.reports.codec == "H264"
    assert stage.sender.show(picture(b"a", b"b"))
    assert [packet.payload for packet in stage.line.rtp] == [b"a", b"b"]
    await stage.sender.stop()
    assert not stage.sender.show(picture(b"c"))
    assert isinstance(stage.line.rtcp[-1], RtcpByePacket)
    await stage.sender.stop()  # any number of times


async def test_pli_and_fir_ask_for_a_key_frame(stage: Stage) -> None:
    ssrc = stage.sender._ssrc
    await stage.arrives(feedback(1, ssrc))
    assert stage.reports.keyframes == 1
    await stage.arrives(feedback(4, 0, ssrc.to_bytes(4, "big") + bytes(4)))  # RFC 5104: SSRC 0
    assert stage.reports.keyframes == 2


async def test_remb_is_heard_and_that_of_others_is_not(stage: Stage) -> None:
    await stage.arrives(feedback(15, 0, pack_remb_fci(2_000_000, [stage.sender._ssrc])))
    await stage.arrives(feedback(15, stage.sender._ssrc, pack_remb_fci(9_000, [12345])))
    await stage.arrives(feedback(15, stage.sender._ssrc, b"AFB!"))
    assert len(stage.reports.bps) == 1
    assert abs(stage.reports.bps[0] - 2_000_000) < 20_000


def report(ssrc: int, **values: int) -> RtcpRrPacket:
    usual = {"fraction_lost": 0, "packets_lost": 0, "highest_sequence": 0, "jitter": 0}
    info = RtcpReceiverInfo(ssrc=ssrc, **{"lsr": 0, "dlsr": 0, **usual, **values})
    return RtcpRrPacket(ssrc=7, reports=[info])


async def test_losses_and_the_round_trip_are_heard(stage: Stage) -> None:
    now = clock.current_ntp_time() >> 16 & 0xFFFFFFFF
    sent, held = now - 3 * 65536 & 0xFFFFFFFF, 2 * 65536  # 3 s ago, and held back for 2 s
    await stage.arrives(
        report(stage.sender._ssrc, fraction_lost=64, packets_lost=9, lsr=sent, dlsr=held)
    )
    await stage.arrives(report(stage.sender._rtx_ssrc, fraction_lost=255))
    assert stage.reports.losses == [0.25]
    assert stage.sender.missed == 9
    assert stage.sender.rtt_s is not None
    assert 0.9 < stage.sender.rtt_s < 30


async def test_a_report_from_before_the_clock_was_set_is_no_round_trip(stage: Stage) -> None:
    later = (clock.current_ntp_time() >> 16) + 3600 * 65536 & 0xFFFFFFFF
    await stage.arrives(report(stage.sender._ssrc, lsr=later, dlsr=0))
    assert stage.sender.rtt_s is None


async def test_what_is_missed_comes_again(stage: Stage) -> None:
    stage.sender.show(picture(b"a", b"b", b"c"))
    lost = [packet.sequence_number for packet in stage.line.rtp[:2]]
    await stage.arrives(RtcpRtpfbPacket(fmt=1, ssrc=7, media_ssrc=stage.sender._ssrc, lost=lost))
    again = stage.line.rtp[3:]
    assert [packet.payload[2:] for packet in again] == [b"a", b"b"]
    assert {packet.ssrc for packet in again} == {stage.sender._rtx_ssrc}


async def test_who_asks_for_everything_again_gets_no_more_than_that(stage: Stage) -> None:
    stage.sender.show(picture(*[b"x"] * 20))
    lost = [packet.sequence_number for packet in stage.line.rtp]
    for _ in range(100):
        await stage.arrives(
            RtcpRtpfbPacket(fmt=1, ssrc=7, media_ssrc=stage.sender._ssrc, lost=lost)
        )
    assert len(stage.line.rtp) - 20 <= module.REPAIR_BURST


async def test_it_tells_what_was_sent(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.random", lambda: -0.5)
    other = Stage()
    await other.sender.send(PARAMETERS)
    other.sender.show(picture(b"abc", b"de"))
    for _ in range(500):
        if other.line.rtcp:
            break
        await asyncio.sleep(0.01)
    told = other.line.rtcp[0]
    assert isinstance(told, RtcpSrPacket)
    assert (told.sender_info.packet_count, told.sender_info.octet_count) == (2, 5)
    ahead = told.sender_info.rtp_timestamp - other.line.rtp[0].timestamp & 0xFFFFFFFF
    assert ahead < 20 * 90_000
    await other.sender.stop()


async def test_another_way_is_taken_when_ice_finds_one(stage: Stage) -> None:
    stage.sender.show(picture(b"a"))
    other = Line()
    stage.line.nominated[1] = other.nominated[1]
    stage.sender.show(picture(b"b"))
    assert [packet.payload for packet in other.rtp] == [b"b"]
    del stage.line.nominated[1]
    assert stage.sender.show(picture(b"c"))  # lost, as on any network
    assert len(stage.line.rtp) == 1
