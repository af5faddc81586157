"""A visitor's own camera comes in."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from fractions import Fraction

import numpy as np
import pytest
from aiortc import RTCPeerConnection, RTCSessionDescription, VideoStreamTrack
from av import VideoFrame
from numpy.typing import NDArray
from webrtc_stand import NO_SERVERS, Watcher, paint, read_index

from edge.errors import NotChosen, SignalingError, UnknownName
from edge.webrtc.guests import Guests
from edge.webrtc.intake import to_rgb

CLOCK = Fraction(1, 90_000)


class Source:
    """What ``browser:`` is to a guest, with a memory."""

    def __init__(self) -> None:
        self.images: list[NDArray[np.uint8]] = []
        self.left = 0
        self.slow_s = 0.0

    def push(self, image: NDArray[np.uint8]) -> None:
        self.images.append(image)

    def leave(self) -> None:
        self.left += 1


class Host:
    def __init__(self) -> None:
        self.source: Source | None = Source()
        self.left = 0

    def guest_source(self) -> Source | None:
        return self.source

    async def guest_left(self) -> None:
        self.left += 1


class Camera(VideoStreamTrack):
    """Painted pictures, 20 a second."""

    def __init__(self, size: tuple[int, int] = (320, 240)) -> None:
        super().__init__()
        self.index = 0
        self.size = size

    async def recv(self) -> VideoFrame:
        await asyncio.sleep(0.05)
        frame = VideoFrame.from_ndarray(paint(self.index, self.size), format="rgb24")
        frame.pts, frame.time_base = self.index * 4500, CLOCK
        self.index += 1
        return frame


class Visitor:
    """A browser that sends its camera, and sound, as a page would."""

    def __init__(self, size: tuple[int, int] = (320, 240)) -> None:
        self.peer = RTCPeerConnection(NO_SERVERS)
        self.peer.addTrack(Camera(size))
        self.peer.addTransceiver("audio", "sendonly")

    async def offer(self) -> str:
        await self.peer.setLocalDescription(await self.peer.createOffer())
        return str(self.peer.localDescription.sdp)

    async def accept(self, answer: str) -> None:
        await self.peer.setRemoteDescription(RTCSessionDescription(answer, "answer"))


@pytest.fixture
def host() -> Host:
    return Host()


@pytest.fixture
async def guests(host: Host) -> AsyncIterator[Guests]:
    made = Guests(host)
    yield made
    await made.close()


@pytest.fixture
async def visitor() -> AsyncIterator[Callable[..., Visitor]]:
    made: list[Visitor] = []

    def make(size: tuple[int, int] = (320, 240)) -> Visitor:
        made.append(Visitor(size))
        return made[-1]

    yield make
    await asyncio.gather(*(one.peer.close() for one in made))


MakeVisitor = Callable[..., Visitor]


async def until(condition: Callable[[], bool], within_s: float = 30) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it never came about"
        await asyncio.sleep(0.02)


async def came_in(guests: Guests, visitor: Visitor) -> str:
    name, answer = await guests.connect(await visitor.offer())
    await visitor.accept(answer)
    return name


async def test_a_guests_pictures_reach_the_source_in_order(
    guests: Guests, host: Host, visitor: MakeVisitor
) -> None:
    assert host.source is not None
    await came_in(guests, visitor())
    images = host.source.images
    await until(lambda: len(images) >= 15)
    seen = [read_index(image) for image in images]
    assert seen == sorted(set(seen))
    assert images[0].shape == (240, 320, 3)
    assert images[0].flags["C_CONTIGUOUS"]
    assert abs(images[-1][:100].astype(int) - paint(seen[-1], (320, 240))[:100]).mean() < 12


async def test_a_guest_who_says_goodbye_leaves_exactly_once(
    guests: Guests, host: Host, visitor: MakeVisitor
) -> None:
    assert host.source is not None
    name = await came_in(guests, visitor())
    images = host.source.images
    await until(lambda: len(images) > 1)
    assert guests.present
    await guests.disconnect(name)
    assert not guests.present
    assert (host.source.left, host.left) == (1, 1)
    with pytest.raises(UnknownName):
        await guests.disconnect(name)
    count = len(images)
    await asyncio.sleep(0.3)
    assert (host.source.left, host.left, len(images)) == (1, 1, count)


async def test_a_guest_who_closes_the_page_leaves_exactly_once(
    guests: Guests, host: Host, visitor: MakeVisitor
) -> None:
    assert host.source is not None
    one = visitor()
    await came_in(guests, one)
    images = host.source.images
    await until(lambda: len(images) > 1)
    await one.peer.close()
    await until(lambda: not guests.present and host.left == 1)
    await asyncio.sleep(0.2)
    assert (host.source.left, host.left) == (1, 1)


async def test_a_guest_who_vanishes_leaves_exactly_once(
    guests: Guests, host: Host, visitor: MakeVisitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.webrtc.peers.SILENT_S", 3)
    assert host.source is not None
    one = visitor()
    await came_in(guests, one)
    images = host.source.images
    await until(lambda: len(images) > 1)
    for transceiver in one.peer.getTransceivers():
        for protocol in transceiver.receiver.transport.transport._connection._protocols:
            protocol.transport.sendto = lambda *_: None
    await until(lambda: host.left == 1)
    assert (host.source.left, guests.present) == (1, False)


async def test_a_guest_who_never_connects_leaves_exactly_once(
    guests: Guests, host: Host, visitor: MakeVisitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.webrtc.peers.CONNECT_S", 0.3)
    assert host.source is not None
    await guests.connect(await visitor().offer())
    await until(lambda: host.left == 1)
    assert (host.source.left, guests.present) == (1, False)


async def test_a_guest_is_let_go_when_another_source_is_chosen(
    guests: Guests, host: Host, visitor: MakeVisitor
) -> None:
    source = host.source
    assert source is not None
    await came_in(guests, visitor())
    await until(lambda: len(source.images) > 1)
    host.source = None
    await until(lambda: host.left == 1)
    assert not guests.present


async def test_the_next_guest_may_come_once_the_last_is_gone(
    guests: Guests, host: Host, visitor: MakeVisitor
) -> None:
    assert host.source is not None
    first = await came_in(guests, visitor())
    with pytest.raises(NotChosen, match="another visitor"):
        await guests.connect(await visitor().offer())
    await guests.disconnect(first)
    await came_in(guests, visitor())
    images = host.source.images
    images.clear()
    await until(lambda: len(images) > 2)


async def test_nobody_comes_in_where_another_source_is_chosen(
    guests: Guests, host: Host, visitor: MakeVisitor
) -> None:
    host.source = None
    with pytest.raises(NotChosen, match="browser:"):
        await guests.connect(await visitor().offer())
    assert not guests.present


async def test_a_bad_offer_is_refused_and_tells_nobody(guests: Guests, host: Host) -> None:
    watcher = Watcher()
    for offer, words in [("hello", "v=0"), (await watcher.offer(), "recvonly; wanted sendonly")]:
        with pytest.raises(SignalingError, match=words):
            await guests.connect(offer)
    await watcher.close()
    assert host.source is not None
    assert (guests.present, host.source.left, host.left) == (False, 0, 0)


async def test_guests_leave_no_thread_behind(
    guests: Guests, host: Host, visitor: MakeVisitor
) -> None:
    assert host.source is not None
    for _ in range(3):
        one = visitor()
        name = await came_in(guests, one)
        images = host.source.images
        images.clear()
        await until(lambda images=images: len(images) > 0)  # type: ignore[misc]
        await guests.disconnect(name)
        await one.peer.close()
    await until(lambda: not any("decoder" in thread.name for thread in threading.enumerate()))


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ((640, 480), (640, 480)),
        ((2560, 1440), (1920, 1080)),
        ((1440, 2560), (1080, 1920)),
        ((321, 241), (320, 240)),
        ((4000, 100), (1920, 48)),
    ],
)
def test_large_or_odd_pictures_are_brought_to_a_sane_even_size(
    size: tuple[int, int], shown: tuple[int, int]
) -> None:
    frame = VideoFrame(*size, format="yuv420p")
    image = to_rgb(frame)
    assert image.shape == (shown[1], shown[0], 3)
    assert image.flags["C_CONTIGUOUS"]
