"""ICE as devices need it, seen in the answers and in connections that come about."""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aioice import stun
from webrtc_stand import Publisher, Watcher

from edge.errors import SignalingError
from edge.latest import Broadcast
from edge.webrtc.ice import IceServer, IceSettings
from edge.webrtc.viewers import Viewers

MakeWatcher = Callable[..., Watcher]
PORTS = range(52_300, 52_320)


def candidates(answer: str) -> list[dict[str, Any]]:
    pattern = (
        r"a=candidate:(?P<foundation>\S+) 1 udp (?P<priority>\d+) (?P<address>\S+) (?P<port>\d+) "
        r"typ (?P<type>\w+)"
    )
    return [match.groupdict() for match in re.finditer(pattern, answer)]


def some_viewers(broadcast: Broadcast, **settings: Any) -> Viewers:
    return Viewers(broadcast, limit=99, ice=IceSettings(**settings))


async def test_media_uses_only_the_given_ports(
    broadcast: Broadcast, publisher: Publisher, watcher: MakeWatcher
) -> None:
    viewers = some_viewers(broadcast, udp_ports=f"{PORTS[0]}-{PORTS[-1]}")
    used = []
    for _ in range(3):
        one = watcher()
        _, answer = await viewers.connect(await one.offer())
        found = candidates(answer)
        assert found
        assert all(int(candidate["port"]) in PORTS for candidate in found)
        used += [(candidate["address"], candidate["port"]) for candidate in found]
        await one.accept(answer)
        assert len(await one.watch(2)) == 2
    assert len(set(used)) == len(used)
    await viewers.close()


async def test_a_used_up_port_range_is_said_so_and_free_again_when_viewers_leave(
    broadcast: Broadcast, watcher: MakeWatcher
) -> None:
    viewers = some_viewers(broadcast, udp_ports=f"{PORTS[0]}-{PORTS[1]}")
    names = [(await viewers.connect(await watcher().offer()))[0] for _ in range(2)]
    with pytest.raises(SignalingError, match=f"ports {PORTS[0]}-{PORTS[1]} are in use.*udp_ports"):
        await viewers.connect(await watcher().offer())
    assert viewers.count == 2
    await viewers.disconnect(names[0])
    await viewers.connect(await watcher().offer())
    await viewers.close()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", PORTS[0]))


@pytest.mark.parametrize("ports", [None, f"{PORTS[0]}-{PORTS[-1]}"])
async def test_a_public_address_is_announced_beside_each_of_our_own(
    broadcast: Broadcast, publisher: Publisher, watcher: MakeWatcher, ports: str | None
) -> None:
    viewers = some_viewers(broadcast, public_address="203.0.113.7", udp_ports=ports)
    one = watcher()
    _, answer = await viewers.connect(await one.offer())
    found = candidates(answer)
    public = [candidate for candidate in found if candidate["address"] == "203.0.113.7"]
    hosts = [c for c in found if c["type"] == "host" and ":" not in c["address"]]
    assert public
    assert [c["type"] for c in public] == ["srflx"] * len(hosts)
    assert {c["port"] for c in public} == {c["port"] for c in hosts}
    assert max(int(c["priority"]) for c in public) < min(int(c["priority"]) for c in hosts)
    await one.accept(answer)
    assert len(await one.watch(2)) == 2  # our own addresses still serve the LAN
    await viewers.close()


class StunServer(asyncio.DatagramProtocol):
    """Answers binding requests as if from behind a NAT; or not at all."""

    def __init__(self) -> None:
        self.silent = False
        self.port = 0

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if self.silent:
            return
        request = stun.parse_message(data)
        answer = stun.Message(request.message_method, stun.Class.RESPONSE, request.transaction_id)
        answer.attributes["XOR-MAPPED-ADDRESS"] = ("198.51.100.9", addr[1])
        self._transport.sendto(bytes(answer), addr)


@pytest.fixture
async def stun_server() -> AsyncIterator[StunServer]:
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(StunServer, local_addr=("0.0.0.0", 0))
    yield server
    transport.close()


def own_address() -> str:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])


@pytest.mark.parametrize("ports", [None, f"{PORTS[0]}-{PORTS[-1]}"])
async def test_a_stun_server_is_asked_if_one_is_set(
    broadcast: Broadcast, watcher: MakeWatcher, stun_server: StunServer, ports: str | None
) -> None:
    server = IceServer(urls=[f"stun:{own_address()}:{stun_server.port}"])
    viewers = some_viewers(broadcast, servers=[server], udp_ports=ports)
    _, answer = await viewers.connect(await watcher().offer())
    assert ("198.51.100.9", "srflx") in {(c["address"], c["type"]) for c in candidates(answer)}
    await viewers.close()


@pytest.mark.parametrize("ports", [None, f"{PORTS[0]}-{PORTS[-1]}"])
async def test_a_stun_server_that_is_down_delays_the_answer_only_so_long(
    broadcast: Broadcast,
    publisher: Publisher,
    watcher: MakeWatcher,
    stun_server: StunServer,
    ports: str | None,
) -> None:
    stun_server.silent = True
    server = IceServer(urls=[f"stun:{own_address()}:{stun_server.port}"])
    viewers = some_viewers(broadcast, servers=[server], udp_ports=ports)
    one = watcher()
    offer = await one.offer()
    started = time.monotonic()
    _, answer = await viewers.connect(offer)
    assert time.monotonic() - started < 4.5  # aioice alone: 5 s
    await one.accept(answer)
    assert len(await one.watch(2)) == 2
    await viewers.close()


IN_A_NETWORK_OF_NOTHING = """
import asyncio, sys
sys.path.insert(0, sys.argv[1])
from webrtc_stand import Publisher, Watcher
from edge.webrtc.ice import IceSettings
from edge.latest import Broadcast
from edge.webrtc.rtc import peer_connection
from edge.webrtc.viewers import Viewers

async def main(ports):
    broadcast = Broadcast(asyncio.get_running_loop())
    publisher = Publisher(broadcast.publish)
    publisher.start()
    viewers = Viewers(broadcast, 4, IceSettings(udp_ports=ports))
    watcher = Watcher(peer=peer_connection(IceSettings()))
    _, answer = await viewers.connect(await watcher.offer())
    print(answer)
    await watcher.accept(answer)
    seen = await watcher.watch(3)
    assert seen == sorted(seen)
    await watcher.close()
    await viewers.close()
    publisher.stop()

asyncio.run(asyncio.wait_for(main(None), 30))
asyncio.run(asyncio.wait_for(main("50000-50010"), 30))
"""


@pytest.mark.skipif(not shutil.which("unshare"), reason="no unshare here (util-linux)")
def test_viewers_connect_where_loopback_is_the_only_interface() -> None:
    alone = ["unshare", "--net", "--map-root-user", "sh", "-c"]
    up = "ip link set lo up"
    if subprocess.run([*alone, up], capture_output=True, check=False).returncode != 0:
        pytest.skip("this user may not make a network namespace, or there is no ip command")
    stand = str(Path(__file__).parent)
    ran = subprocess.run(
        [*alone, f'{up}; exec "$@"', "-", sys.executable, "-c", IN_A_NETWORK_OF_NOTHING, stand],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert {c["address"] for c in candidates(ran.stdout)} >= {"127.0.0.1"}
    assert {c["address"] for c in candidates(ran.stdout)} <= {"127.0.0.1", "::1"}


async def test_other_peer_connections_in_the_process_stay_as_aiortc_made_them(
    broadcast: Broadcast, watcher: MakeWatcher
) -> None:
    viewers = some_viewers(broadcast, public_address="203.0.113.7")
    before, after = watcher(), watcher()
    await viewers.connect(await before.offer())
    assert "203.0.113.7" not in before.peer.localDescription.sdp
    assert "203.0.113.7" not in await after.offer()
    await viewers.close()
