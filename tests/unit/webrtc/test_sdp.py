"""What is read from offers and written into answers."""

from __future__ import annotations

import pytest
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.sdp import SessionDescription

from edge.webrtc.codecs import codec_of, preferences
from edge.webrtc.rate import with_start_bitrate
from edge.webrtc.sdp import MAX_HIDDEN, read_offer

HIDDEN = "a=candidate:1 1 udp 2130706431 6b1d7f5a-7e21-4f4e-9d0e-6a1e6c2b7f1{}.local 50001 typ host"


async def offer() -> str:
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    peer.addTransceiver("video", "recvonly")
    await peer.setLocalDescription(await peer.createOffer())
    sdp = str(peer.localDescription.sdp)
    await peer.close()
    return sdp


async def answer(codec: str) -> str:
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    ours = peer.addTransceiver("video", "recvonly")
    ours.setCodecPreferences(preferences(codec))  # type: ignore[arg-type]
    sending = (await offer()).replace("a=recvonly", "a=sendonly")
    await peer.setRemoteDescription(RTCSessionDescription(sending, "offer"))
    sdp = str((await peer.createAnswer()).sdp)
    await peer.close()
    return sdp


async def test_mdns_candidates_are_set_aside_and_the_others_kept() -> None:
    sdp = await offer()
    lines = sdp.splitlines()
    lines += [HIDDEN.format(number) for number in range(3)]
    read = read_offer("\r\n".join(lines) + "\r\n", "receives")
    assert len(read.hidden) == 3
    assert all(candidate.ip.endswith(".local") for candidate in read.hidden)
    assert {candidate.sdpMid for candidate in read.hidden} == {"0"}
    assert ".local" not in read.sdp
    assert read.sdp.count("a=candidate") == sdp.count("a=candidate")
    assert "end-of-candidates" not in read.sdp


async def test_only_so_many_names_are_asked_for() -> None:
    lines = [*(await offer()).splitlines(), *(HIDDEN.format(n % 10) for n in range(30))]
    assert len(read_offer("\r\n".join(lines) + "\r\n", "receives").hidden) == MAX_HIDDEN


async def test_an_offer_with_bare_line_ends_is_read() -> None:
    assert read_offer((await offer()).replace("\r\n", "\n"), "receives").hidden == ()


def test_the_preferred_codec_comes_first_and_lost_packets_are_sent_again() -> None:
    assert preferences("auto")[0].mimeType == "video/H264"
    assert {c.mimeType for c in preferences("h264")} == {"video/H264", "video/rtx"}
    assert {c.mimeType for c in preferences("vp8")} == {"video/VP8", "video/rtx"}


def test_a_codec_without_an_encoder_is_not_offered_where_there_is_another() -> None:
    assert {c.mimeType for c in preferences("auto", {"VP8"})} == {"video/VP8", "video/rtx"}
    assert {c.mimeType for c in preferences("h264", {"VP8"})} == {"video/H264", "video/rtx"}


@pytest.mark.parametrize(("codec", "name"), [("vp8", "VP8"), ("h264", "H264")])
async def test_a_sender_is_told_where_to_begin(codec: str, name: str) -> None:
    plain = await answer(codec)
    tuned = with_start_bitrate(plain, 2_500_000)
    assert codec_of(tuned) == name
    before, after = (SessionDescription.parse(sdp).media[0].rtp for sdp in (plain, tuned))
    hint = {"x-google-start-bitrate": "2500"}
    assert after.codecs[0].parameters == {**before.codecs[0].parameters, **hint}
    assert after.codecs[1:] == before.codecs[1:]
    assert tuned.count("\r\n") - plain.count("\r\n") == (1 if name == "VP8" else 0)


def test_an_answer_without_video_stays_as_it_is() -> None:
    assert with_start_bitrate("v=0\r\n", 1000) == "v=0\r\n"
