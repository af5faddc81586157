"""Under which rules the service is asked. Set once, at start; nothing over HTTP changes it."""

from __future__ import annotations

from dataclasses import dataclass, field

from aiohttp import web

from edge.http import hosts


@dataclass(frozen=True, slots=True)
class Policy:
    """
    Attributes:
        token: the access token, or None: everyone who reaches the service may use it.
        hosts: the hosts under which it answers, from ``hosts.allowed``.
        secure: browsers reach it by HTTPS, so cookies are Secure and plain origins are foreign.
    """

    token: str | None = field(default=None, repr=False)
    hosts: frozenset[str] = frozenset(hosts.LOOPBACK)
    secure: bool = False


POLICY = web.AppKey("policy", Policy)
