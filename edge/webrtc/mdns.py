"""The names that browsers put in place of their addresses, looked up on the LAN."""

from __future__ import annotations

import logging

from aiortc import RTCIceCandidate, RTCPeerConnection

log = logging.getLogger(__name__)


class Names:
    """
    Adds candidates whose address is an mDNS name, while the connection is being made.

    A browser finds us by our own candidates, so this is needed only where a firewall here lets in
    nothing that was not called for.
    """

    def __init__(self) -> None:
        self._possible = True

    async def add(self, connection: RTCPeerConnection, candidate: RTCIceCandidate) -> None:
        """Look ``candidate`` up and add it to ``connection``; one that nobody knows is left out."""
        if not self._possible:
            return
        try:
            await connection.addIceCandidate(candidate)
        except OSError as error:
            # Not tried again: aioice 0.10 leaves a socket open each time it fails.
            self._possible = False
            log.info("mDNS names of browsers are not looked up: no multicast here (%s)", error)
        except ValueError as error:
            log.debug("mDNS candidate left out: %s", error)
