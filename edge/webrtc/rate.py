"""The bitrate a sender begins at, ours or a guest's; then the receiver's estimate rules."""

from __future__ import annotations

import logging
import re
from typing import Any

from aiortc import RTCRtpCodecParameters, RTCRtpSender
from aiortc.codecs import get_encoder

from edge.frame import Composite
from edge.webrtc.encoding import Tell, TimedEncoder

log = logging.getLogger(__name__)

BITS_PER_PIXEL_S = 2.0  # 1.8 Mbit/s for 1280x720: a person at 30 fps without visible blocks
UNKNOWN_BPS = 1_500_000
ENCODER = "_RTCRtpSender__encoder"  # what aiortc names its private attribute


def starting_bps(composite: Composite | None) -> int:
    """A fair bitrate for pictures of this size on a LAN."""
    if composite is None:
        return UNKNOWN_BPS
    height, width = composite.image.shape[:2]
    return int(BITS_PER_PIXEL_S * width * height)


def begin_at(sender: RTCRtpSender, codec: str, bitrate_bps: int, tell: Tell) -> None:
    """
    Let ``sender``, which has sent nothing yet, begin at ``bitrate_bps``, within aiortc's bounds.

    aiortc begins at 500 kbit/s (VP8) or 1 Mbit/s, whatever the size, and then follows the viewer's
    estimate in steps of a tenth, each with a new encoder and key frame: half a minute of blurry,
    pumping pictures on a network that could carry more from the first one on. It has no setting for
    this, but makes its encoder only where there is none yet, so one is put there.

    Args:
        codec: "VP8" or "H264".
        tell: gets the seconds that each picture took to encode.
    """
    if ENCODER not in vars(sender):
        log.warning("this aiortc keeps its encoder elsewhere: it begins at its own bitrate")
        return
    encoder: Any = get_encoder(RTCRtpCodecParameters(mimeType=f"video/{codec}", clockRate=90_000))
    encoder.target_bitrate = bitrate_bps
    setattr(sender, ENCODER, TimedEncoder(encoder, tell))


def with_start_bitrate(answer: str, bitrate_bps: int) -> str:
    """
    ``answer`` with word to a sending browser to begin at ``bitrate_bps``. libwebrtc begins at
    300 kbit/s and scales a 720p camera down to fit; whoever does not know the word ignores it.
    """
    hint = f"x-google-start-bitrate={bitrate_bps // 1000}"
    section = re.search(r"^m=video \d+ \S+ (\d+).*", answer, re.MULTILINE | re.DOTALL)
    if section is None:
        return answer
    head, video, payload = answer[: section.start()], section[0], section[1]
    tuned, found = re.subn(rf"(a=fmtp:{payload} [^\r\n]+)", rf"\1;{hint}", video, count=1)
    if not found:
        mapping = rf"(a=rtpmap:{payload} [^\r\n]+\r\n)"
        tuned = re.sub(mapping, rf"\1a=fmtp:{payload} {hint}\r\n", video, count=1)
    return head + tuned
