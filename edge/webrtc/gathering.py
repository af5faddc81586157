"""
What aioice lacks on devices: loopback, a port range, a public address, patience twice over.

aiortc builds its aioice ``Connection`` itself and takes no subclass. So ``edge.webrtc.rtc``
re-classes the connections of its *own* peers as ``EdgeConnection`` just before they gather: no
module of aiortc or aioice is patched, and other peer connections in the process stay as they were.
Overridden are five public methods that aioice has had since 0.6. Tried with aioice 0.10.2 (the
newest for Python 3.10) to 0.13.
"""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import logging
import random
from collections.abc import Sequence
from typing import Any

from aioice import Candidate, Connection
from aioice.candidate import candidate_foundation, candidate_priority
from aioice.ice import ICE_FAILED, StunProtocol, server_reflexive_candidate

from edge.errors import SignalingError

log = logging.getLogger(__name__)

GATHER_S = 2  # aioice waits 5 s for a STUN or TURN server that does not answer
LISTEN_S = 0.02  # how often to look for the first check of a peer that named no candidate
LOOPBACK = ("127.0.0.1", "::1")


class EdgeConnection(Connection):
    """
    An aioice Connection that

    * gathers loopback candidates when there is no other interface, so that a browser on a machine
      without a network still sees its own device,
    * binds host candidates within a port range,
    * announces a public address as a server-reflexive candidate of each host candidate: what a
      STUN server would have found out,
    * waits for a peer that named no candidate it can reach (mDNS names that do not resolve,
      candidates that trickle in later): such a peer knows ours, and its checks tell its address,
    * keeps a peer that only sends media to us and answers no checks once it does, as FFmpeg's.
    """

    ports: range | None
    public_address: str | None
    sends: bool
    ended: bool

    @classmethod
    def adopt(
        cls, connection: Connection, ports: range | None, public_address: str | None, sends: bool
    ) -> None:
        """Make ``connection``, which has not gathered yet and ``sends`` media or not, one."""
        connection.__class__ = cls
        own = {"ports": ports, "public_address": public_address, "sends": sends, "ended": False}
        vars(connection).update(own)

    async def get_component_candidates(
        self, component: int, addresses: Sequence[str], timeout: int = GATHER_S
    ) -> list[Candidate]:
        """
        Gather host, reflexive and relayed candidates.

        Raises:
            SignalingError: every port of the range is in use on one of ``addresses``.
        """
        timeout = min(timeout, GATHER_S)
        addresses = list(addresses) or list(LOOPBACK)
        if self.ports is None:
            candidates = await super().get_component_candidates(component, addresses, timeout)
        else:
            hosts = [
                protocol.local_candidate
                for address in addresses
                if (protocol := await self._bind(component, address, self.ports)) is not None
            ]
            others = await asyncio.gather(
                super().get_component_candidates(component, [], timeout),  # relayed only
                self._reflexive(timeout),
            )
            candidates = [*hosts, *others[0], *others[1]]
        return candidates + self._announced(candidates)

    async def connect(self) -> None:
        """Perform the ICE handshake, once there is something to check or the peer checks us."""
        while not (  # noqa: ASYNC110  aioice sets no event, and polls at this pace itself
            self._early_checks or self.ended or self._can_check()
        ):
            await asyncio.sleep(LISTEN_S)
        await super().connect()

    def request_received(self, *request: Any) -> None:
        """Answer a check, unless this is ending: aioice 0.10 would begin one of its own."""
        if not self.ended:
            super().request_received(*request)

    async def query_consent(self) -> None:
        """Ask for consent to send, and end it without. Who only receives needs none."""
        if self.sends:  # RFC 7675, section 5.1
            await super().query_consent()

    async def close(self) -> None:
        """End it, a handshake under way included, which aioice 0.10 would go on with for ever."""
        self.ended = True
        if not self._check_list_done:
            self._check_list_done = True
            self._check_list_state.put_nowait(ICE_FAILED)
        checks = [pair.task for pair in self._check_list if pair.task is not None]
        for check in checks:
            check.cancel()
        if checks:
            await asyncio.wait(checks)
        self._check_list.clear()
        await super().close()

    def _can_check(self) -> bool:
        return any(
            protocol.local_candidate.can_pair_with(remote)
            for protocol in self._protocols
            for remote in self._remote_candidates
        )

    async def _bind(self, component: int, address: str, ports: range) -> StunProtocol | None:
        """A socket on one of ``ports``, or None where ``address`` cannot be bound at all."""
        loop = asyncio.get_running_loop()
        start = random.randrange(len(ports))  # so that a port just left rests a while
        for offset in range(len(ports)):
            port = ports[(start + offset) % len(ports)]
            try:
                _, protocol = await loop.create_datagram_endpoint(
                    lambda: StunProtocol(self), local_addr=(address, port)
                )
            except OSError as error:
                if error.errno in (errno.EADDRINUSE, errno.EACCES):
                    continue
                log.info("No candidate on %s: %s", address, error)
                return None
            protocol.local_candidate = Candidate(
                foundation=candidate_foundation("host", "udp", address),
                component=component,
                transport="udp",
                priority=candidate_priority(component, "host"),
                host=address,
                port=port,
                type="host",
            )
            self._protocols.append(protocol)  # from here on close() frees it
            return protocol
        raise SignalingError(
            f"all UDP ports {ports[0]}-{ports[-1]} are in use on {address}: "
            "a wider udp_ports range takes more viewers"
        )

    async def _reflexive(self, timeout: float) -> list[Candidate]:
        """What the STUN server sees of our IPv4 sockets; those it does not answer for are left."""
        tasks = [
            asyncio.create_task(server_reflexive_candidate(protocol, self.stun_server))
            for protocol in self._protocols
            if self.stun_server and _version(protocol.local_candidate.host) == 4
        ]
        if not tasks:
            return []
        done, late = await asyncio.wait(tasks, timeout=timeout)
        for task in late:
            task.cancel()
        found = [task.result() for task in done if task.exception() is None]
        return [item[0] if isinstance(item, tuple) else item for item in found]

    def _announced(self, candidates: Sequence[Candidate]) -> list[Candidate]:
        """The host candidates as they are seen at the public address, under the same ports."""
        address = self.public_address
        if address is None:
            return []
        return [
            Candidate(
                foundation=candidate_foundation("srflx", "udp", host.host),
                component=host.component,
                transport=host.transport,
                priority=candidate_priority(host.component, "srflx"),
                host=address,
                port=host.port,
                type="srflx",
                related_address=host.host,
                related_port=host.port,
            )
            for host in candidates
            if host.type == "host" and _version(host.host) == _version(address)
        ]


def _version(address: str) -> int:
    return ipaddress.ip_address(address).version
