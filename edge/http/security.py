"""Who may ask: the Host and Origin of each request, and what browsers are told about answers."""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from edge.errors import Forbidden
from edge.http import errors, hosts, session
from edge.http.policy import POLICY, Policy

FOREIGN_SITES = ("cross-site", "same-site")
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), display-capture=()",
    "Referrer-Policy": "same-origin",
    "Server": "Edge Matting",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@web.middleware
async def only_own_origins(request: web.Request, handler: Handler) -> web.StreamResponse:
    """
    Refuse what another site's page asks for, WebSockets included.

    A page elsewhere can make a visitor's browser send requests here, and by rebinding its own
    name to this address read the answers; neither can hide its Origin or its name in Host.
    Programs send no Origin, and need none.

    Raises:
        Forbidden: Host is no name of this machine, or Origin is another than Host's.
    """
    policy = request.app[POLICY]
    sent = request.headers.getall("Host", [])
    host = hosts.split(sent[0]) if len(sent) == 1 else None
    if host is None or not _is_own(host[0], request, policy):
        raise Forbidden(
            f"Host {', '.join(sent)!r} is no name of this service; ask for it by its address, or "
            "start it with that name among its allowed hosts"
        )
    origins = request.headers.getall("Origin", [])
    if not all(_is_same(origin, host, policy) for origin in origins):
        raise Forbidden(
            f"Origin {', '.join(origins)!r} is not this service's; only its own page and programs "
            "outside a browser may use it"
        )
    if (
        request.headers.get("Sec-Fetch-Site") in FOREIGN_SITES
        and request.headers.get("Sec-Fetch-Mode") != "navigate"
    ):
        raise Forbidden("a page of another site asked for this; only the service's own page may")
    return await handler(request)


def _is_own(host: str, request: web.Request, policy: Policy) -> bool:
    if host in policy.hosts:
        return True
    # The address that this connection came in on is ours too: it may be newer than the process.
    local = request.get_extra_info("sockname")
    return isinstance(local, tuple) and host == hosts.canonical(str(local[0]))


def _is_same(origin: str, host: tuple[str, int | None], policy: Policy) -> bool:
    """
    Whether ``origin`` is where ``host`` serves. "null" (a file, a sandbox) is nobody's.

    Behind a proxy that ends TLS this process sees plain HTTP, so there the origin's own scheme
    says which port a Host without one means.
    """
    try:
        scheme, authority = urlsplit(origin)[:2]
    except ValueError:
        return False
    own = hosts.split(authority)
    if own is None or scheme not in hosts.DEFAULT_PORTS or (policy.secure and scheme != "https"):
        return False
    default = hosts.DEFAULT_PORTS[scheme]
    return (own[0], own[1] or default) == (host[0], host[1] or default)


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Before any answer leaves, errors and WebSockets included. A handler's own headers stay."""
    for name, value in HEADERS.items():
        if name == "Server" or name not in response.headers:
            response.headers[name] = value
    response.headers.setdefault("Cache-Control", "no-store")


def install(app: web.Application, policy: Policy) -> None:
    """Guard ``app``: errors as JSON, own hosts and origins only, the token, safe headers."""
    app[POLICY] = policy
    app.middlewares.extend([errors.errors_as_json, only_own_origins, session.only_with_token])
    app.on_response_prepare.append(add_headers)
    logging.getLogger("aiohttp.server").addFilter(errors.is_worth_a_line)
    session.install(app)
