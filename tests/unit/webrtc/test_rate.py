"""Where a viewer's encoder begins."""

from __future__ import annotations

import logging
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from av import VideoFrame

from edge.frame import Composite
from edge.webrtc import rate


@pytest.mark.parametrize(("size", "bitrate_bps"), [((1280, 720), 1_843_200), ((640, 360), 460_800)])
def test_larger_pictures_begin_at_more_bits(size: tuple[int, int], bitrate_bps: int) -> None:
    image = np.zeros((size[1], size[0], 3), np.uint8)
    assert rate.starting_bps(Composite(image, 0, 0, 0)) == bitrate_bps


def test_before_the_first_picture_a_usual_camera_is_expected() -> None:
    assert rate.starting_bps(None) == rate.UNKNOWN_BPS


def picture() -> VideoFrame:
    frame = VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
    frame = frame.reformat(format="yuv420p")
    frame.pts, frame.time_base = 0, Fraction(1, 90_000)
    return frame


@pytest.mark.parametrize(
    ("codec", "asked_bps", "begun_bps"),
    [("VP8", 800_000, 800_000), ("VP8", 9_000_000, 1_500_000), ("H264", 2_000_000, 2_000_000)],
)
async def test_aiortc_finds_an_encoder_that_begins_there(
    codec: str, asked_bps: int, begun_bps: int
) -> None:
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    sender = peer.addTransceiver("video", "sendonly").sender
    told: list[float] = []
    rate.begin_at(sender, codec, asked_bps, told.append)
    encoder: Any = vars(sender)[rate.ENCODER]
    payloads, _ = encoder.encode(picture(), force_keyframe=True)
    assert payloads
    assert len(told) == 1
    assert told[0] > 0
    assert encoder.target_bitrate == begun_bps
    await peer.close()


def test_an_aiortc_that_changed_inside_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    class Sender:
        pass

    sender: Any = Sender()
    with caplog.at_level(logging.WARNING):
        rate.begin_at(sender, "VP8", 1_000_000, lambda seconds: None)
    assert vars(sender) == {}
    assert "its own bitrate" in caplog.text
