"""Which video codecs are answered, and in which order."""

from __future__ import annotations

from collections.abc import Set
from typing import Literal

from aiortc import RTCRtpCodecCapability, RTCRtpSender
from aiortc.sdp import SessionDescription

from edge.encoders import CodecName

Codec = Literal["auto", "h264", "vp8"]
EVERY: Set[CodecName] = frozenset(("H264", "VP8"))
# H.264 first: x264 costs this device less than libvpx, and phones decode it in hardware.
PREFERENCE: dict[Codec, tuple[str, ...]] = {
    "auto": ("video/h264", "video/vp8"),
    "vp8": ("video/vp8",),
    "h264": ("video/h264",),
}


def preferences(codec: Codec, made: Set[CodecName] = EVERY) -> list[RTCRtpCodecCapability]:
    """
    What ``setCodecPreferences`` takes: the wanted codecs in order, with retransmission.

    Args:
        made: those that there is an encoder for; if it is none of the wanted, all of these are
            given, for it may yet turn out that one works.
    """
    known = RTCRtpSender.getCapabilities("video").codecs
    ordered = [c for name in PREFERENCE[codec] for c in known if c.mimeType.lower() == name]
    wanted = [c for c in ordered if c.name in made] or ordered
    return wanted + [c for c in known if c.mimeType.lower() == "video/rtx"]


def codec_of(answer: str) -> str:
    """The video codec that ``answer`` settles on: "VP8" or "H264"."""
    media = SessionDescription.parse(answer).media
    return next(str(m.rtp.codecs[0].name) for m in media if m.kind == "video")
