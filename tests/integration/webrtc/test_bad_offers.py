"""Whatever is offered, the answer is a clear refusal, and nothing of it stays."""

from __future__ import annotations

import asyncio
import gc
import random
import re
from collections.abc import Callable

import psutil
import pytest
from aiortc import RTCPeerConnection
from webrtc_stand import NO_SERVERS, Publisher, Watcher

from edge.errors import SignalingError
from edge.webrtc.viewers import Viewers

MakeWatcher = Callable[..., Watcher]


async def offered(
    *sections: tuple[str, str], change: Callable[[str], str] = lambda sdp: sdp
) -> str:
    """An offer with these (kind, direction) sections, then changed."""
    peer = RTCPeerConnection(NO_SERVERS)
    for kind, direction in sections:
        peer.addTransceiver(kind, direction)
    await peer.setLocalDescription(await peer.createOffer())
    sdp = peer.localDescription.sdp
    await peer.close()
    return change(sdp)


def without(prefix: str) -> Callable[[str], str]:
    return lambda sdp: re.sub(rf"(?m)^{prefix}.*\r\n", "", sdp)


def with_other(pattern: str, text: str) -> Callable[[str], str]:
    return lambda sdp: re.sub(pattern, text, sdp)


def unchanged(sdp: str) -> str:
    return sdp


def with_foreign_profiles(sdp: str) -> str:
    """H.264 of a profile that nobody here makes, and no VP8."""
    return re.sub("profile-level-id=.{6}", "profile-level-id=f4001f", sdp.replace("VP8", "VP9"))


VIDEO = ("video", "recvonly")
SENDING, INACTIVE, AUDIO = ("video", "sendonly"), ("video", "inactive"), ("audio", "recvonly")
# What is wrong, the words that say so, the sections of the offer, and what is done to it.
BAD: dict[str, tuple[str, list[tuple[str, str]], Callable[[str], str]]] = {
    "nothing": ("start with v=0", [VIDEO], lambda _: ""),
    "words": ("start with v=0", [VIDEO], lambda _: "hello"),
    "JSON": ("start with v=0", [VIDEO], lambda sdp: f'{{"sdp": "{sdp}"}}'),
    "binary": ("start with v=0", [VIDEO], lambda _: "\x00\xff\udc80" * 99),
    "5 MB": ("5000000 characters", [VIDEO], lambda _: "v=0\r\n".ljust(5_000_000, "x")),
    "no sections": ("no video section", [VIDEO], lambda sdp: sdp.split("m=")[0]),
    "only audio": ("no video section", [AUDIO], unchanged),
    "only sending": ("sendonly; wanted recvonly or sendrecv", [SENDING], unchanged),
    "inactive": ("inactive; wanted", [INACTIVE], unchanged),
    "two videos": ("video video", [VIDEO, VIDEO], unchanged),
    "a rejected video": ("no video section", [VIDEO], with_other(r"m=video \d+", "m=video 0")),
    "an unknown codec": (
        "AV1; this .* H264 or VP8",
        [VIDEO],
        with_other("(VP8|H264|rtx)/", "AV1/"),
    ),
    "foreign profiles": ("no variant of a codec", [VIDEO], with_foreign_profiles),
    "no ICE password": ("no ICE user name", [VIDEO], without("a=ice-pwd")),
    "no fingerprint": ("no DTLS fingerprint", [VIDEO], without("a=fingerprint")),
    "no DTLS setup": ("no DTLS fingerprint", [VIDEO], without("a=setup")),
    "no rtcp-mux": ("RTCP mux", [VIDEO], without("a=rtcp-mux")),
    "a short candidate": ("cannot be read", [VIDEO], with_other("a=cand.*", "a=candidate:1 1 udp")),
    "a word for a number": (
        "cannot be read",
        [VIDEO],
        with_other("a=rtpmap:.*", "a=rtpmap:x VP8/9"),
    ),
    "a bundle of nobody": ("BUNDLE", [VIDEO], with_other("BUNDLE.*", "BUNDLE x y 0")),
    "100 candidates": ("64 candidates", [VIDEO], with_other("(a=candidate.*\r\n)", r"\1" * 50)),
    "a strange section": ("are video text", [VIDEO], lambda sdp: sdp + "m=text 9 RTP/AVP 98\r\n"),
}


@pytest.mark.parametrize("kind", BAD)
async def test_a_bad_offer_is_refused_in_words(viewers: Viewers, kind: str) -> None:
    words, sections, change = BAD[kind]
    offer = await offered(*sections, change=change)
    with pytest.raises(SignalingError, match=words) as refused:
        await viewers.connect(offer)
    assert len(str(refused.value)) < 400
    assert viewers.count == 0


async def test_sound_offered_beside_video_is_neither_sent_nor_taken(viewers: Viewers) -> None:
    _, answer = await viewers.connect(await offered(("audio", "sendrecv"), VIDEO))
    audio, video = answer.split("m=")[1:]
    assert "a=inactive" in audio
    assert "a=sendonly" in video


async def test_mangled_offers_leave_nothing_behind_and_harm_no_viewer(
    viewers: Viewers, publisher: Publisher, watcher: MakeWatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.webrtc.peers.CONNECT_S", 0.2)  # some mangled ones are still answered
    good = watcher()
    name, answer = await viewers.connect(await good.offer())
    await good.accept(answer)
    await good.watch(3)
    process, rng = psutil.Process(), random.Random(7)
    files, tasks = process.num_fds(), len(asyncio.all_tasks())
    base = await offered(("audio", "recvonly"), VIDEO)
    answered = 0
    for _ in range(150):
        try:
            mangled, _ = await viewers.connect(mangle(base, rng))
        except SignalingError:
            continue
        answered += 1
        await viewers.disconnect(mangled)
    assert answered < 150
    for _ in range(100):
        gc.collect()
        if process.num_fds() <= files and len(asyncio.all_tasks()) <= tasks:
            break
        await asyncio.sleep(0.1)
    assert process.num_fds() <= files
    assert len(asyncio.all_tasks()) <= tasks
    assert [viewer.id for viewer in await viewers.stats()] == [name]
    assert await good.watch(3) == sorted(good.indices[-3:])


def mangle(sdp: str, rng: random.Random) -> str:
    """Some lines gone, doubled, swapped, cut, or with other characters in them."""
    lines = sdp.splitlines()
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(1, len(lines))
        line = lines[at]
        lines[at : at + 1] = rng.choice(
            [
                [],
                [line, line],
                [lines[rng.randrange(len(lines))]],
                [line[: rng.randrange(len(line) + 1)]],
                [re.sub(r"\d+", lambda m: str(int(m[0]) + rng.randint(-300, 70000)), line)],
                [line.translate({ord(rng.choice("0=:/ a")): rng.choice(["", "é", "\0", "-1"])})],
            ]
        )
    return "\r\n".join(lines) + "\r\n"
