"""Many datagrams in one call arrive as if sent one by one."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator

import pytest

from edge.webrtc.sending import datagrams as module
from edge.webrtc.sending.datagrams import Datagrams


class Line:
    """A socket as asyncio lends it, and one that hears what it sends."""

    def __init__(self, transport: asyncio.DatagramTransport, far: socket.socket) -> None:
        self.transport = transport
        self.far = far
        self.address = far.getsockname()

    def heard(self, count: int) -> list[bytes]:
        return [self.far.recv(4096) for _ in range(count)]


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    far = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    far.bind(("127.0.0.1", 0))
    far.settimeout(5)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(
        asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0)
    )
    yield Line(transport, far)
    transport.close()
    far.close()


MIXED = [
    [b"a" * 100, b"b" * 1200, b"c" * 1200, b"d" * 1200, b"e" * 700, b"f" * 30, b"g" * 30],
    [bytes([n]) * 1200 for n in range(60)],
    [b"x"],
    [b"x" * 10, b"y" * 11, b"z" * 12],
]


@pytest.mark.parametrize("sent", MIXED)
async def test_each_arrives_whole_and_in_order(line: Line, sent: list[bytes]) -> None:
    line.far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    outgoing = Datagrams(line.transport)
    assert outgoing.send(sent, line.address) == len(sent)
    assert line.heard(len(sent)) == sent
    outgoing.close()


async def test_they_come_from_the_socket_that_is_known_to_the_other_side(line: Line) -> None:
    outgoing = Datagrams(line.transport)
    outgoing.send([b"hello"], line.address)
    assert line.far.recvfrom(100)[1] == line.transport.get_extra_info("sockname")
    outgoing.close()


async def test_where_the_kernel_cuts_nothing_they_go_one_by_one(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    really = Datagrams._send

    def refusing(sock: socket.socket, batch: list[bytes], address: tuple[str, int]) -> None:
        calls.append(len(batch))
        if len(batch) > 1:
            raise OSError(errno.EIO, "no offload on this path")
        really(sock, batch, address)

    monkeypatch.setattr(Datagrams, "_send", staticmethod(refusing))
    outgoing = Datagrams(line.transport)
    for _ in range(2):
        assert outgoing.send([b"a" * 9, b"b" * 9, b"c" * 9], line.address) == 3
        assert line.heard(3) == [b"a" * 9, b"b" * 9, b"c" * 9]
    assert calls == [3, 1, 1, 1, 1, 1, 1]  # tried once, and not again
    outgoing.close()


async def test_a_full_socket_says_how_many_went(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = [2]

    def filling(sock: socket.socket, batch: list[bytes], address: tuple[str, int]) -> None:
        if room[0] == 0:
            raise BlockingIOError
        room[0] -= 1

    monkeypatch.setattr(Datagrams, "_send", staticmethod(filling))
    outgoing = Datagrams(line.transport)
    assert outgoing.send([b"aa", b"a", b"bb", b"b", b"cc"], line.address) == 4
    outgoing.close()


async def test_what_the_network_refuses_is_lost_and_holds_nothing_up(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(sock: socket.socket, batch: list[bytes], address: tuple[str, int]) -> None:
        raise OSError(errno.ENETUNREACH, "network is unreachable")

    monkeypatch.setattr(Datagrams, "_send", staticmethod(unreachable))
    outgoing = Datagrams(line.transport)
    assert outgoing.send([b"a", b"b"], line.address) == 2
    outgoing.close()


async def test_a_relay_which_is_no_socket_gets_them_one_at_a_time() -> None:
    class Relay:
        def __init__(self) -> None:
            self.sent: list[tuple[bytes, tuple[str, int]]] = []

        def get_extra_info(self, name: str) -> None:
            return None

        def sendto(self, data: bytes, address: tuple[str, int]) -> None:
            self.sent.append((data, address))

    relay = Relay()
    outgoing = Datagrams(relay)
    assert outgoing.send([b"a", b"b"], ("192.0.2.1", 9)) == 2
    assert relay.sent == [(b"a", ("192.0.2.1", 9)), (b"b", ("192.0.2.1", 9))]


async def test_no_call_is_larger_than_the_kernel_takes() -> None:
    batch = [b"x" * 1200] * 200
    assert module._alike(batch, 0) == module.MAX_SEGMENTS
    assert module._alike([b"x" * 9000] * 20, 0) * 9000 <= module.MAX_OCTETS
