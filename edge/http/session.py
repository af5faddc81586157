"""The access token: sent as Bearer by programs, exchanged for a cookie by the page."""

from __future__ import annotations

import hashlib
import hmac
import math

from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import BaseModel, ConfigDict, Field

from edge.http import bodies
from edge.http.guesses import Guesses
from edge.http.policy import POLICY, Policy

GUESSES = web.AppKey("guesses", Guesses)
OPEN_PATHS = ("/", "/healthz")  # and /web/*: what holds nothing of the room
PURPOSE = b"edge session 1"
COOKIE_AGE_S = 180 * 24 * 3600

routes = web.RouteTableDef()


class Login(BaseModel):
    """What ``POST /api/session`` takes."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    token: str = Field(max_length=1024, description="The access token that the service printed")


def install(app: web.Application) -> None:
    """Add the routes. The middleware is added by ``edge.http.security``, after its own."""
    app[GUESSES] = Guesses()
    app.add_routes(routes)


def cookie_name(policy: Policy) -> str:
    """With the prefix by which a browser lets only this very host set it, where there is TLS."""
    return "__Host-edge_session" if policy.secure else "edge_session"


def session_of(token: str) -> str:
    """
    What the cookie holds: derived from the token, so it survives restarts and ends with the
    token, and does not give the token away.
    """
    return hmac.new(token.encode(), PURPOSE, hashlib.sha256).hexdigest()


def same(found: str, wanted: str) -> bool:
    """Compare in a time that tells nothing of where they differ."""
    return hmac.compare_digest(found.encode("utf-8", "surrogateescape"), wanted.encode())


@web.middleware
async def only_with_token(request: web.Request, handler: Handler) -> web.StreamResponse:
    """
    Let through who has the token or its cookie; the page, /healthz and the login are for all.

    Raises:
        web.HTTPUnauthorized: neither came, or a wrong one.
        web.HTTPTooManyRequests: too many wrong tokens from this address.
    """
    policy = request.app[POLICY]
    if policy.token is None or is_open(request.method, request.path):
        return await handler(request)
    cookie = request.cookies.get(cookie_name(policy), "")
    if not same(cookie, session_of(policy.token)):
        scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            raise _unauthorized("no token came; open the link that the service printed at start")
        check(request, bearer.strip(), policy.token)
    return await handler(request)


def is_open(method: str, path: str) -> bool:
    """Whether this needs no token. The router takes paths as they are sent, and so does this."""
    return (
        path in OPEN_PATHS
        or path.startswith("/web/")
        or (path == "/api/session" and method == "POST")
    )


def check(request: web.Request, found: str, wanted: str) -> None:
    """
    Compare a token that came, and count a wrong one.

    Raises:
        web.HTTPUnauthorized, web.HTTPTooManyRequests
    """
    guesses = request.app[GUESSES]
    wait_s = guesses.wait_s(request.remote)
    if wait_s > 0:
        raise web.HTTPTooManyRequests(
            text=f"too many wrong tokens; try again in {math.ceil(wait_s)} s",
            headers={"Retry-After": str(math.ceil(wait_s))},
        )
    if not same(found, wanted):
        guesses.wrong(request.remote)
        raise _unauthorized("the token is wrong; take the link that the service printed at start")


def _unauthorized(message: str) -> web.HTTPUnauthorized:
    return web.HTTPUnauthorized(text=message, headers={"WWW-Authenticate": "Bearer"})


@routes.post("/api/session")
async def login(request: web.Request) -> web.Response:
    """204 and the cookie; where no token is needed, 204 alone."""
    policy = request.app[POLICY]
    sent = await bodies.json(request, Login)
    answer = web.Response(status=204)
    if policy.token is not None:
        check(request, sent.token, policy.token)
        answer.set_cookie(
            cookie_name(policy),
            session_of(policy.token),
            max_age=COOKIE_AGE_S,
            httponly=True,
            secure=policy.secure,
            samesite="Strict",
        )
    return answer


@routes.delete("/api/session")
async def logout(request: web.Request) -> web.Response:
    """204, and this browser forgets the cookie."""
    policy = request.app[POLICY]
    answer = web.Response(status=204)
    answer.del_cookie(cookie_name(policy), secure=policy.secure, httponly=True, samesite="Strict")
    return answer
