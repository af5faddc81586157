"""
An aiortc sender that sends what is coded already, the same for many.

aiortc builds its ``RTCRtpSender`` itself and takes no subclass, and its own gives each viewer an
encoder, a copy of every packet and a system call for each. So the senders of our *own* viewers are
re-classed before they send: signalling, ICE and DTLS stay aiortc's, nothing of it is patched, and
other peer connections in the process stay as they were. Tried with aiortc 1.15 and 1.16.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Sequence
from typing import Any, Protocol, cast

from aiortc import RTCRtpSender, clock
from aiortc.codecs import is_rtx
from aiortc.rtcrtpparameters import RTCRtpSendParameters
from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB_NACK,
    AnyRtcpPacket,
    RtcpByePacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSdesPacket,
    RtcpSenderInfo,
    RtcpSourceInfo,
    RtcpSrPacket,
    unpack_remb_fci,
)
from pylibsrtp import Error as SrtpError

from edge.encoders import CodecName
from edge.webrtc.sending.datagrams import Datagrams
from edge.webrtc.sending.outbox import Outbox
from edge.webrtc.sending.stream import Negotiated, RtpStream
from edge.webrtc.sharing.packets import Picture

log = logging.getLogger(__name__)

MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
SEND_TIME = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time"
RTT_ALPHA = 0.85  # of the last round-trip times goes on, as in aiortc
REPAIR_SHARE = 0.5  # retransmissions, of what is sent; more would feed a congestion
REPAIR_BURST = 256.0  # packets


class Feedback(Protocol):
    """Who hears what the viewer reports."""

    def ready(self, codec: CodecName) -> None:
        """The viewer is connected: pictures in ``codec`` may be sent."""
        ...

    def keyframe(self) -> None:
        """It wants a key frame (PLI, FIR)."""
        ...

    def carries(self, bps: float) -> None:
        """It says what its network carries (REMB)."""
        ...

    def lost(self, share: float) -> None:
        """It missed so much since its last report, 0 to 1."""
        ...


class SharedSender(RTCRtpSender):
    """
    Sends packetised pictures to one viewer, and answers its reports.

    Attributes:
        rtt_s: round-trip time of the network, None before the first report.
        missed: packets that the viewer says never came, in all.
    """

    @classmethod
    def adopt(cls, sender: RTCRtpSender, feedback: Feedback) -> SharedSender:
        """Make ``sender``, which has not been started, one of these."""
        sender.__class__ = cls
        adopted = cast(SharedSender, sender)
        adopted.rtt_s, adopted.missed = None, 0
        adopted._feedback = feedback
        adopted._stream = adopted._outbox = adopted._datagrams = adopted._reports = None
        adopted._repairs, adopted._sent_s = REPAIR_BURST, 0.0
        return adopted

    rtt_s: float | None
    missed: int
    _feedback: Feedback
    _stream: RtpStream | None
    _outbox: Outbox | None
    _datagrams: tuple[Any, Datagrams] | None
    _reports: asyncio.Task[None] | None
    _repairs: float
    _sent_s: float

    async def send(self, parameters: RTCRtpSendParameters) -> None:
        """Begin; aiortc calls this when the viewer is connected."""
        if self._stream is not None:
            return
        router = self.transport._rtp_router
        self.transport._register_rtp_sender(self, parameters)
        router.register_sender(self, ssrc=0)  # FIR names its sender in its body only (RFC 5104)
        self._stream = RtpStream(_negotiated(parameters, self._ssrc, self._rtx_ssrc))
        self._outbox = Outbox(self._packed, self._write)
        self._reports = asyncio.ensure_future(self._report(parameters.rtcp.cname or ""))
        self._feedback.ready("VP8" if parameters.codecs[0].name == "VP8" else "H264")

    async def stop(self) -> None:
        """Send nothing any more. Any number of times."""
        if self._reports is None:
            return
        reports, self._reports = self._reports, None
        self.transport._unregister_rtp_sender(self)
        if self._outbox is not None:
            self._outbox.close()
        reports.cancel()
        await asyncio.gather(reports, return_exceptions=True)
        await self._send_rtcp([RtcpByePacket(sources=[self._ssrc])])
        if self._datagrams is not None:
            self._datagrams[1].close()

    def show(self, picture: Picture) -> bool:
        """Send ``picture``. False: not now, and not before the next key frame."""
        if self._outbox is None or self._reports is None:
            return False
        return self._outbox.push(picture)

    def _packed(self, picture: Picture, now_s: float) -> list[bytes]:
        """The picture's packets under SRTP."""
        stream, session = self._stream, self.transport._tx_srtp
        if stream is None or session is None:
            return []
        packets = stream.packed(picture, now_s)
        self._sent_s = time.monotonic()
        self._repairs = min(REPAIR_BURST, self._repairs + REPAIR_SHARE * len(packets))
        protect = session.protect
        return [protect(packet) for packet in packets]

    def _write(self, datagrams: Sequence[bytes]) -> int:
        pair = self.transport.transport._connection._nominated.get(1)
        if pair is None or self.transport.state != "connected":
            return len(datagrams)  # not connected any more: lost
        if self._datagrams is None or self._datagrams[0] is not pair.protocol:
            if self._datagrams is not None:
                self._datagrams[1].close()
            self._datagrams = (pair.protocol, Datagrams(pair.protocol.transport))
        return self._datagrams[1].send(datagrams, pair.remote_addr)

    async def _handle_rtcp_packet(self, packet: AnyRtcpPacket) -> None:
        if isinstance(packet, (RtcpRrPacket, RtcpSrPacket)):
            for report in packet.reports:
                if report.ssrc == self._ssrc:
                    self._hear(report)
        elif isinstance(packet, RtcpRtpfbPacket) and packet.fmt == RTCP_RTPFB_NACK:
            self._repair(packet.lost)
        elif isinstance(packet, RtcpPsfbPacket):
            if packet.fmt in (RTCP_PSFB_PLI, RTCP_PSFB_FIR):
                self._feedback.keyframe()
            elif packet.fmt == RTCP_PSFB_APP:
                self._hear_remb(packet.fci)

    def _hear(self, report: RtcpReceiverInfo) -> None:
        self.missed = report.packets_lost
        self._feedback.lost(report.fraction_lost / 256)
        if report.lsr:
            now = clock.current_ntp_time() >> 16 & 0xFFFFFFFF
            rtt_s = (now - report.lsr - report.dlsr & 0xFFFFFFFF) / 65536
            if rtt_s > 60:  # the wall clock was set meanwhile
                return
            last = rtt_s if self.rtt_s is None else self.rtt_s
            self.rtt_s = RTT_ALPHA * last + (1 - RTT_ALPHA) * rtt_s

    def _hear_remb(self, body: bytes) -> None:
        try:
            bps, sources = unpack_remb_fci(body)
        except ValueError:  # some other application's message
            return
        if self._ssrc in sources:
            self._feedback.carries(bps)

    def _repair(self, lost: Sequence[int]) -> None:
        """Send again what the viewer misses, within reason."""
        if self._stream is None or self.transport._tx_srtp is None:
            return
        found: list[bytes] = []
        for sequence in lost:
            packet = self._stream.again(sequence, time.monotonic()) if self._repairs >= 1 else None
            if packet is not None:
                self._repairs -= 1
                try:
                    found.append(self.transport._tx_srtp.protect(packet))
                except SrtpError as error:
                    log.debug("not sent again: %s", error)
        self._write(found)

    async def _report(self, cname: str) -> None:
        """Tell the viewer about once a second what was sent (RFC 3550, section 6.4)."""
        source = RtcpSourceInfo(ssrc=self._ssrc, items=[(1, cname.encode())])
        while True:
            await asyncio.sleep(0.5 + random.random())
            stream = self._stream
            if stream is None or not stream.packets:
                continue
            sent = RtcpSenderInfo(
                ntp_timestamp=clock.current_ntp_time(),
                rtp_timestamp=stream.timestamp_after(time.monotonic() - self._sent_s),
                packet_count=stream.packets & 0xFFFFFFFF,
                octet_count=stream.octets & 0xFFFFFFFF,
            )
            report = RtcpSrPacket(ssrc=self._ssrc, sender_info=sent)
            await self._send_rtcp([report, RtcpSdesPacket(chunks=[source])])


def _negotiated(parameters: RTCRtpSendParameters, ssrc: int, rtx_ssrc: int) -> Negotiated:
    codec = parameters.codecs[0]
    extensions = {extension.uri: extension.id for extension in parameters.headerExtensions}
    rtx = [
        other.payloadType
        for other in parameters.codecs
        if is_rtx(other) and other.parameters.get("apt") == codec.payloadType
    ]
    return Negotiated(
        payload_type=codec.payloadType or 0,  # aiortc's parameters always have one here
        ssrc=ssrc,
        rtx_ssrc=rtx_ssrc,
        mid=parameters.muxId,
        mid_id=extensions.get(MID, 0),
        time_id=extensions.get(SEND_TIME, 0),
        rtx_type=rtx[0] if rtx else None,
    )
