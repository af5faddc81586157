"""By which names and addresses this machine is called, and reading them out of headers."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable

import ifaddr

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

LOOPBACK = ("localhost", "127.0.0.1", "::1")
AUTHORITY = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^\s:/?#@\[\]]+))(?::([0-9]{1,5}))?")
DEFAULT_PORTS = {"http": 80, "https": 443}


def canonical(host: str) -> str:
    """``host`` in its one spelling: addresses as ipaddress writes them, names in lower case."""
    host = host.strip("[]").partition("%")[0]
    try:
        address: Address = ipaddress.ip_address(host)
    except ValueError:
        return host.lower().rstrip(".")
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped  # what an IPv6 socket calls an IPv4 peer
    return str(address)


def split(authority: str) -> tuple[str, int | None] | None:
    """Host (canonical) and port (if there is one) of ``host[:port]``, or None: it is malformed."""
    found = AUTHORITY.fullmatch(authority)
    if found is None:
        return None
    bracketed, plain, port = found.groups()
    return canonical(bracketed or plain), int(port) if port else None


def host_of(name: str) -> str:
    """The host, canonical, of what an operator wrote: with or without brackets and port."""
    parts = split(name)
    return parts[0] if parts else canonical(name)


def own_addresses() -> list[Address]:
    """The addresses of this machine's interfaces, without those that only work on one link."""
    found = {
        ipaddress.ip_address(ip.ip if isinstance(ip.ip, str) else ip.ip[0])
        for adapter in ifaddr.get_adapters()
        for ip in adapter.ips
    }
    return sorted((ip for ip in found if not ip.is_link_local), key=lambda ip: (ip.version, ip))


def own_names() -> list[str]:
    """This machine's name, as such and as mDNS announces it. Asks no name server."""
    name = canonical(socket.gethostname())
    short = name.partition(".")[0]
    names = (name, short, f"{short}.local")
    return [each for each in dict.fromkeys(names) if each and not each.startswith(".")]


def allowed(listen: str, public: str | None = None, more: Iterable[str] = ()) -> frozenset[str]:
    """
    The hosts under which requests are answered.

    Args:
        listen: the address listened on, without its port; "0.0.0.0" and "::" name no host.
        public: the address that people outside use, if it is another.
        more: names that the operator added, such as that of a proxy; a port in them is ignored.
    """
    hosts = {host_of(name) for name in (listen, public or "", *more)}
    hosts.update(LOOPBACK, own_names(), map(str, own_addresses()))
    return frozenset(hosts - {"0.0.0.0", "::", ""})
