"""
Many datagrams of one length in one system call, where the kernel can cut them apart.

Linux has that since 4.18 (UDP generic segmentation offload, ``UDP_SEGMENT`` in udp(7)). It takes a
quarter of the time that one call for each takes, which is most of what a viewer costs.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Sequence
from struct import pack
from typing import Any

log = logging.getLogger(__name__)

UDP_SEGMENT = 103  # linux/udp.h
MAX_SEGMENTS, MAX_OCTETS = 40, 60_000  # the kernel's own limits are 64 and 65,507
Address = tuple[str, int]


class Datagrams:
    """
    Sends through the socket of an asyncio transport, without its unbounded buffer.

    Args:
        transport: of a bound UDP socket; or one that only acts like it (a TURN allocation), which
            is then given one datagram at a time.
    """

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        # A duplicate, for asyncio lends only a view of its socket, and that cannot send messages.
        lent = transport.get_extra_info("socket")
        self._socket: socket.socket | None = lent.dup() if lent is not None else None
        self._cuts = True

    def send(self, datagrams: Sequence[bytes], address: Address) -> int:
        """
        Send as many as the socket takes now.

        Returns:
            How many were sent, from the first one on. Those that the network refuses count: they
            are lost, as they may be at any hop.
        """
        if self._socket is None:
            for datagram in datagrams:
                self._transport.sendto(datagram, address)
            return len(datagrams)
        sent = 0
        while sent < len(datagrams):
            count = _alike(datagrams, sent) if self._cuts else 1
            try:
                self._send(self._socket, datagrams[sent : sent + count], address)
            except (BlockingIOError, InterruptedError):
                break
            except OSError as error:
                if count > 1:  # no such offload, or not for packets of this length on this path
                    self._cuts = False
                    log.debug("datagrams go one by one: %s", error)
                    continue
            sent += count
        return sent

    def close(self) -> None:
        """Give the duplicate back."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    @staticmethod
    def _send(sock: socket.socket, datagrams: Sequence[bytes], address: Address) -> None:
        if len(datagrams) == 1:
            sock.sendto(datagrams[0], socket.MSG_DONTWAIT, address)
            return
        length = pack("=H", len(datagrams[0]))
        options = [(socket.IPPROTO_UDP, UDP_SEGMENT, length)]
        sock.sendmsg(datagrams, options, socket.MSG_DONTWAIT, address)


def _alike(datagrams: Sequence[bytes], start: int) -> int:
    """How many from ``start`` may go in one call: of one length, but the last may be shorter."""
    length = len(datagrams[start])
    most = min(MAX_SEGMENTS, max(1, MAX_OCTETS // length), len(datagrams) - start)
    for count in range(1, most):
        following = len(datagrams[start + count])
        if following != length:
            return count + 1 if following < length else count
    return most
