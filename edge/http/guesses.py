"""Wrong tokens, counted per address, so that nobody can try many."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable

BURST = 10  # wrong tokens in a row before an address has to wait
PERIOD_S = 6.0  # one more is allowed after each of these
REMEMBERED = 1024  # addresses; the one heard of longest ago is forgotten first


class Guesses:
    """A bucket of ``BURST`` tries for each address that was wrong, refilled with time."""

    def __init__(self, clock_s: Callable[[], float] = time.monotonic) -> None:
        self._clock_s = clock_s
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()  # tries left, as of

    def wait_s(self, address: str | None) -> float:
        """How long ``address`` has to wait before its next try; 0: it need not."""
        return max(0.0, (1 - self._left(_network(address))) * PERIOD_S)

    def wrong(self, address: str | None) -> None:
        """Count a wrong token."""
        network = _network(address)
        self._buckets[network] = (self._left(network) - 1, self._clock_s())
        self._buckets.move_to_end(network)
        if len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)

    def _left(self, network: str) -> float:
        now_s = self._clock_s()
        left, since_s = self._buckets.get(network, (float(BURST), now_s))
        return min(float(BURST), left + (now_s - since_s) / PERIOD_S)


def _network(address: str | None) -> str:
    """Whom an address stands for: one IPv6 customer has a whole /64."""
    try:
        parsed = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return address or ""
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
