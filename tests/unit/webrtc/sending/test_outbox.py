"""What waits for one viewer is little, in order, and ends at a key frame."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

import pytest

from edge.webrtc.sending import outbox as module
from edge.webrtc.sending.outbox import BURST, MAX_WAITING, Outbox
from edge.webrtc.sharing.packets import Picture


class Network:
    """Takes so many datagrams as there is room."""

    def __init__(self, room: int = 1 << 30) -> None:
        self.room = room
        self.sent: list[bytes] = []
        self.calls: list[int] = []

    def send(self, datagrams: Sequence[bytes]) -> int:
        self.calls.append(len(datagrams))
        taken = min(self.room, len(datagrams))
        self.room -= taken
        self.sent += datagrams[:taken]
        return taken

    async def has_sent(self, count: int) -> None:
        for _ in range(2000):
            if len(self.sent) >= count:
                return
            await asyncio.sleep(module.TICK_S)
        raise AssertionError(f"{len(self.sent)} of {count} were sent")


def packed(picture: Picture, now_s: float) -> list[bytes]:
    return list(picture.payloads)


def picture(name: str, packets: int = 3, size: int = 100) -> Picture:
    payloads = tuple(f"{name}{index}".encode() for index in range(packets))
    return Picture(payloads, 0, False, size)


async def test_a_small_picture_goes_at_once() -> None:
    network = Network()
    outbox = Outbox(packed, network.send)
    assert outbox.push(picture("a"))
    assert network.sent == [b"a0", b"a1", b"a2"]


async def test_the_send_time_is_of_a_clock_that_nobody_sets() -> None:
    times_s: list[float] = []

    def pack(picture: Picture, now_s: float) -> list[bytes]:
        times_s.append(now_s)
        return packed(picture, now_s)

    before_s = time.monotonic()
    Outbox(pack, Network().send).push(picture("a"))
    assert before_s <= times_s[0] <= time.monotonic()


async def test_a_large_one_goes_in_bursts_and_the_next_waits_for_its_end() -> None:
    network = Network()
    outbox = Outbox(packed, network.send)
    outbox.push(picture("key", 3 * BURST))
    outbox.push(picture("b"))
    assert len(network.sent) == BURST
    await network.has_sent(3 * BURST + 3)
    assert network.sent[-3:] == [b"b0", b"b1", b"b2"]
    assert network.sent[: 3 * BURST] == list(picture("key", 3 * BURST).payloads)
    assert max(network.calls) <= BURST


async def test_what_a_full_socket_left_goes_later() -> None:
    network = Network(room=2)
    outbox = Outbox(packed, network.send)
    assert outbox.push(picture("a"))
    assert outbox.push(picture("b"))
    await asyncio.sleep(4 * module.TICK_S)
    assert network.sent == [b"a0", b"a1"]
    network.room = 100
    await network.has_sent(6)
    assert network.sent == [b"a0", b"a1", b"a2", b"b0", b"b1", b"b2"]


@pytest.mark.parametrize(("size", "most"), [(10, MAX_WAITING), (300_000, 4)])
async def test_when_too_much_waits_it_is_given_up_but_never_half_a_picture(
    size: int, most: int
) -> None:
    network = Network(room=1)
    outbox = Outbox(packed, network.send)
    taken = 0
    while outbox.push(picture(f"p{taken}-", size=size)):
        taken += 1
        assert taken <= most + 1
    network.room = 1 << 30
    assert outbox.push(picture("key"))
    await network.has_sent(6)
    assert network.sent == [b"p0-0", b"p0-1", b"p0-2", b"key0", b"key1", b"key2"]


async def test_nothing_goes_after_the_end() -> None:
    network = Network(room=1)
    outbox = Outbox(packed, network.send)
    outbox.push(picture("a"))
    outbox.close()
    network.room = 100
    await asyncio.sleep(3 * module.TICK_S)
    assert network.sent == [b"a0"]
