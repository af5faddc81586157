"""Which video codecs are answered, and in which order."""

from __future__ import annotations

from typing import Literal

from aiortc import RTCRtpCodecCapability, RTCRtpSender
from aiortc.sdp import SessionDescription

Codec = Literal["auto", "h264", "vp8"]
# libvpx in real time costs this device less than half of what libx264 does.
PREFERENCE: dict[Codec, tuple[str, ...]] = {
    "auto": ("video/vp8", "video/h264"),
    "vp8": ("video/vp8",),
    "h264": ("video/h264",),
}


def preferences(codec: Codec) -> list[RTCRtpCodecCapability]:
    """What ``setCodecPreferences`` takes: the wanted codecs in order, with retransmission."""
    known = RTCRtpSender.getCapabilities("video").codecs
    wanted = [c for name in PREFERENCE[codec] for c in known if c.mimeType.lower() == name]
    return wanted + [c for c in known if c.mimeType.lower() == "video/rtx"]


def codec_of(answer: str) -> str:
    """The video codec that ``answer`` settles on: "VP8" or "H264"."""
    media = SessionDescription.parse(answer).media
    return next(str(m.rtp.codecs[0].name) for m in media if m.kind == "video")
