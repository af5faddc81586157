"""The token, as Bearer and as a cookie."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from edge.http import security, session
from edge.http.guesses import BURST
from edge.http.policy import Policy

Client = TestClient[web.Request, web.Application]
Serve = Callable[[Policy], Awaitable[Client]]

TOKEN = "a-token-for-this-test"
GUARDED = Policy(token=TOKEN)


async def ok(request: web.Request) -> web.Response:
    return web.Response(text="ok")


async def state(request: web.Request) -> web.Response:
    return web.Response(text="the state")


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    async with AsyncExitStack() as stack:

        async def start(policy: Policy) -> Client:
            app = web.Application()
            security.install(app, policy)
            for path in ("/", "/web/{path:.+}", "/healthz", "/metrics"):
                app.router.add_get(path, ok)
            app.router.add_get("/api/state", state)
            app.router.add_post("/whep", ok)
            jar = aiohttp.CookieJar(unsafe=True)  # unsafe: cookies of an IP address
            return await stack.enter_async_context(TestClient(TestServer(app), cookie_jar=jar))

        yield start


async def test_only_the_page_and_health_are_for_all(serve: Serve) -> None:
    client = await serve(GUARDED)
    for path in ("/", "/web/app.js", "/healthz"):
        assert (await client.get(path)).status == 200
    for path in ("/metrics", "/api/state", "/api/session", "/no/such", "/webx"):
        assert (await client.get(path)).status == 401, path
    assert (await client.post("/whep")).status == 401
    assert (await client.delete("/api/session")).status == 401


@pytest.mark.parametrize(
    "path",
    [
        "/web/../api/state",
        "/web/%2e%2e/api/state",
        "/web//../api/state",
        "/web%2f..%2fapi/state",
        "/healthz/../api/state",
        "/./api/state",
        "//api/state",
        "/API/state",
        "/%61pi/state",
        "http://localhost/api/state",
        "http://localhost/web/../api/state",
    ],
)
async def test_no_spelling_of_a_path_leads_around_the_token(serve: Serve, path: str) -> None:
    client = await serve(GUARDED)
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 ")
    assert b"the state" not in answer


async def test_a_program_sends_the_token_as_bearer(serve: Serve) -> None:
    client = await serve(GUARDED)
    for scheme in ("Bearer", "bearer"):
        headers = {"Authorization": f"{scheme} {TOKEN}"}
        assert (await client.get("/api/state", headers=headers)).status == 200


@pytest.mark.parametrize(
    "authorization",
    ["Bearer wrong", "Bearer ", "Bearer", f"Basic {TOKEN}", TOKEN, "Bearer \xfc\xfc"],
)
async def test_another_token_is_not_taken(serve: Serve, authorization: str) -> None:
    client = await serve(GUARDED)
    response = await client.get("/api/state", headers={"Authorization": authorization})
    assert response.status == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert (await response.json())["error"]["code"] == "no_token"


async def test_the_page_exchanges_the_token_for_a_cookie(serve: Serve) -> None:
    client = await serve(GUARDED)
    response = await client.post("/api/session", json={"token": TOKEN})
    assert response.status == 204
    header = response.headers["Set-Cookie"]
    assert "HttpOnly" in header
    assert "SameSite=Strict" in header
    assert "Secure" not in header
    assert TOKEN not in header
    assert (await client.get("/api/state")).status == 200


async def test_the_cookie_is_for_tls_alone_where_there_is_tls(serve: Serve) -> None:
    client = await serve(Policy(token=TOKEN, secure=True))
    response = await client.post("/api/session", json={"token": TOKEN})
    header = response.headers["Set-Cookie"]
    assert header.startswith("__Host-")
    assert "Secure" in header
    assert "Path=/" in header
    assert "Domain" not in header


async def test_a_cookie_outlives_a_restart_but_not_its_token(serve: Serve) -> None:
    value = session.session_of(TOKEN)
    cookie = {"Cookie": f"edge_session={value}"}
    again = await serve(GUARDED)
    assert (await again.get("/api/state", headers=cookie)).status == 200
    renewed = await serve(Policy(token="another-token-now"))
    assert (await renewed.get("/api/state", headers=cookie)).status == 401


async def test_the_token_itself_is_no_cookie(serve: Serve) -> None:
    client = await serve(GUARDED)
    cookie = {"Cookie": f"edge_session={TOKEN}"}
    assert (await client.get("/api/state", headers=cookie)).status == 401


async def test_logging_out_forgets_the_cookie(serve: Serve) -> None:
    client = await serve(GUARDED)
    await client.post("/api/session", json={"token": TOKEN})
    assert (await client.delete("/api/session")).status == 204
    assert (await client.get("/api/state")).status == 401


async def test_a_guesser_has_to_wait_and_nobody_else(serve: Serve) -> None:
    client = await serve(GUARDED)
    statuses = [
        (await client.post("/api/session", json={"token": f"guess {n}"})).status
        for n in range(BURST)
    ]
    assert statuses == [401] * BURST
    late = await client.post("/api/session", json={"token": TOKEN})
    assert late.status == 429
    assert int(late.headers["Retry-After"]) >= 1
    assert (await late.json())["error"]["code"] == "too_many_requests"
    headers = {"Authorization": f"Bearer {TOKEN}"}
    assert (await client.get("/api/state", headers=headers)).status == 429
    cookie = {"Cookie": f"edge_session={session.session_of(TOKEN)}"}
    assert (
        await client.get("/api/state", headers=cookie)
    ).status == 200  # no guess: it has been in
    assert (await client.get("/api/state")).status == 401  # no token is no guess


async def test_where_no_token_is_needed_all_is_open(serve: Serve) -> None:
    client = await serve(Policy())
    assert (await client.get("/api/state")).status == 200
    response = await client.post("/api/session", json={"token": "whatever"})
    assert response.status == 204
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b'{"token": 5}', "application/json", 400),
        (b"{}", "application/json", 400),
        (b"[]", "application/json", 400),
        (b'{"token": "x", "more": 1}', "application/json", 400),
        (b"{", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"token": "' + b"x" * 2000 + b'"}', "application/json", 400),
        (b" " * 300_000, "application/json", 413),
        (b'{"token": "x"}', "text/plain", 415),
    ],
)
async def test_a_bad_login_is_refused_with_the_reason(
    serve: Serve, body: bytes, content_type: str, status: int
) -> None:
    client = await serve(GUARDED)
    response = await client.post("/api/session", data=body, headers={"Content-Type": content_type})
    assert response.status == status
    assert (await response.json())["error"]["message"]
