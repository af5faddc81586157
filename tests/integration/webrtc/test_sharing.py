"""Encode once, over real WebRTC: who shares what, and what losses and requests lead to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from webrtc_stand import Publisher, Watcher

from edge.latest import Broadcast
from edge.webrtc.sharing.hub import RenditionStats
from edge.webrtc.viewers import Viewers

MakeWatcher = Callable[..., Watcher]


@pytest.fixture
async def crowd(broadcast: Broadcast) -> AsyncIterator[Viewers]:
    made = Viewers(broadcast, limit=12)
    yield made
    await made.close()


async def joined(viewers: Viewers, watcher: Watcher) -> str:
    name, answer = await viewers.connect(await watcher.offer())
    await watcher.accept(answer)
    return name


def only(viewers: Viewers) -> RenditionStats:
    (rendition,) = viewers.renditions()
    return rendition


def lose(watcher: Watcher, lost: Callable[[int], bool]) -> list[int]:
    """
    Let ``lost`` decide on each RTP packet that comes to ``watcher``, by its sequence number. What
    is sent again arrives.

    Returns:
        The sequence numbers that were lost, as they are.
    """
    gone: list[int] = []
    media: list[bytes] = []  # its SSRC: nothing was sent again before the first loss
    transport = watcher.peer.getTransceivers()[0].receiver.transport.transport
    for protocol in transport._connection._protocols:
        received = protocol.datagram_received

        def sieve(data: bytes, address: Any, received: Any = received) -> None:
            is_rtp = 128 <= data[0] < 192 and not 192 <= data[1] <= 223
            if is_rtp:
                media.append(data[8:12])
                sequence = int.from_bytes(data[2:4], "big")
                if data[8:12] == media[0] and sequence not in gone and lost(sequence):
                    gone.append(sequence)
                    return
            received(data, address)

        protocol.datagram_received = sieve
    return gone


async def test_viewers_share_one_encoder_and_each_decodes_it(
    crowd: Viewers, publisher: Publisher, watcher: MakeWatcher
) -> None:
    many = [watcher("H264") for _ in range(5)]
    for one in many:
        await joined(crowd, one)
    await asyncio.gather(*(one.watch(1) for one in many))  # all are there
    before = only(crowd).pictures
    seen = await asyncio.gather(*(one.watch(8) for one in many))
    assert all(indices == sorted(indices) for indices in seen)
    rendition = only(crowd)
    assert rendition.viewers == 5
    assert rendition.encoder == "libx264"
    assert rendition.pictures - before < 3 * 8  # and not five times as many
    assert {viewer.codec for viewer in await crowd.stats()} == {"H264"}


async def test_each_codec_has_an_encoder(
    crowd: Viewers, publisher: Publisher, watcher: MakeWatcher
) -> None:
    for codec in ("H264", "VP8", "VP8"):
        one = watcher(codec)
        await joined(crowd, one)
        await one.watch(2)
    stats = {rendition.codec: rendition for rendition in crowd.renditions()}
    assert {codec: one.viewers for codec, one in stats.items()} == {"H264": 1, "VP8": 2}
    assert stats["VP8"].encoder == "libvpx"


@pytest.mark.parametrize("codec", ["VP8", "H264", None])  # None: with RTX, the others without
async def test_lost_packets_come_again_and_no_key_frame_is_needed(
    crowd: Viewers,
    publisher: Publisher,
    watcher: MakeWatcher,
    codec: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("edge.webrtc.sharing.hub.ADAPT_S", 3600)  # VP8 needs one to adapt
    one = watcher(codec)
    await joined(crowd, one)
    await one.watch(3)
    keyframes = only(crowd).keyframes
    gone = lose(one, lambda sequence: sequence % 10 == 3)
    seen = await one.watch(40)
    assert len(gone) >= 4
    assert len(set(seen)) >= 30
    assert seen == sorted(seen)
    assert only(crowd).keyframes == keyframes


async def test_a_storm_of_requests_makes_two_key_frames_a_second_at_most(
    crowd: Viewers, publisher: Publisher, watcher: MakeWatcher
) -> None:
    stormy, calm = watcher("H264"), watcher("H264")
    for one in (stormy, calm):
        await joined(crowd, one)
        await one.watch(2)
    began_s, before = time.monotonic(), only(crowd).keyframes
    receiver: Any = stormy.peer.getTransceivers()[0].receiver
    (source,) = receiver._RTCRtpReceiver__remote_streams
    seeing = asyncio.create_task(calm.watch(20))
    for _ in range(60):
        await receiver._send_rtcp_pli(source)
        await asyncio.sleep(0.02)
    seen = await seeing
    made = only(crowd).keyframes - before
    assert 1 <= made <= 1 + (time.monotonic() - began_s) / 0.5
    assert seen == sorted(seen)


async def test_who_joins_late_decodes_at_once_what_the_others_see(
    crowd: Viewers, publisher: Publisher, watcher: MakeWatcher
) -> None:
    first = watcher("H264")
    await joined(crowd, first)
    await first.watch(5)
    before = only(crowd).keyframes
    for _ in range(3):
        late = watcher("H264")
        await joined(crowd, late)
        (index,) = await late.watch(1)
        assert publisher.index - index < 40
    assert only(crowd).keyframes - before <= 3  # none for who came while the group was kept
    assert only(crowd).viewers == 4


async def test_bitrate_follows_what_viewers_report(
    crowd: Viewers, publisher: Publisher, watcher: MakeWatcher
) -> None:
    one = watcher("H264")
    name = await joined(crowd, one)
    await one.watch(2)
    begun = only(crowd)
    seat = crowd._viewers[name].seat
    for _ in range(400):  # whatever this viewer itself says meanwhile
        seat.carries(20_000_000)
        await asyncio.sleep(0.02)
        if only(crowd).bitrate_bps > 2 * begun.bitrate_bps:
            break
    risen = only(crowd)
    assert 2 * begun.bitrate_bps < risen.bitrate_bps <= 2_200_000  # the limit for 640x360
    await one.watch(3)
    assert only(crowd).keyframes == begun.keyframes  # x264 changes without one
