"""Host, Origin and the headers of every answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from edge.http import security
from edge.http.policy import Policy

Client = TestClient[web.Request, web.Application]
Serve = Callable[[Policy], Awaitable[Client]]

NAMES = frozenset({"localhost", "127.0.0.1", "box.local"})


async def hello(request: web.Request) -> web.Response:
    return web.json_response({"hello": "there"})


async def events(request: web.Request) -> web.WebSocketResponse:
    socket = web.WebSocketResponse()
    await socket.prepare(request)
    await socket.send_str("hello")
    await socket.close()
    return socket


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    async with AsyncExitStack() as stack:

        async def start(policy: Policy) -> Client:
            app = web.Application()
            security.install(app, policy)
            app.add_routes([web.get("/api/hello", hello), web.post("/api/hello", hello)])
            app.add_routes([web.get("/api/events", events)])
            return await stack.enter_async_context(TestClient(TestServer(app)))

        yield start


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:99", "127.0.0.1:1", "box.local."])
async def test_answers_to_its_own_names(serve: Serve, host: str) -> None:
    client = await serve(Policy(hosts=NAMES))
    assert (await client.get("/api/hello", headers={"Host": host})).status == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "192.0.2.9", "a b", ""],
)
async def test_a_foreign_host_is_forbidden(serve: Serve, host: str) -> None:
    client = await serve(Policy(hosts=NAMES))
    response = await client.get("/api/hello", headers={"Host": host})
    assert response.status == 403
    assert (await response.json())["error"]["code"] == "forbidden"


async def test_the_address_a_connection_came_in_on_is_its_own(serve: Serve) -> None:
    client = await serve(Policy(hosts=frozenset({"box.local"})))
    assert (await client.get("/api/hello")).status == 200  # its Host is 127.0.0.1
    assert (await client.get("/api/hello", headers={"Host": "127.0.0.2"})).status == 403


async def test_two_hosts_are_forbidden(serve: Serve) -> None:
    client = await serve(Policy(hosts=NAMES))
    headers = [("Host", "localhost"), ("Host", "evil.example")]
    assert (await client.get("/api/hello", headers=headers)).status in (400, 403)


async def test_its_own_page_may_ask(serve: Serve) -> None:
    client = await serve(Policy(hosts=NAMES))
    own = f"http://127.0.0.1:{client.port}"
    assert (await client.post("/api/hello", headers={"Origin": own})).status == 200


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "http://127.0.0.1",  # another port is another site
        "http://127.0.0.1:1",
        "http://localhost:{port}",  # its own, but not the one that was asked
        "null",
        "",
        "file://",
        "http://[",
        "chrome-extension://abc",
        "127.0.0.1:{port}",
    ],
)
async def test_a_foreign_origin_is_forbidden(serve: Serve, origin: str) -> None:
    client = await serve(Policy(hosts=NAMES))
    headers = {"Origin": origin.format(port=client.port)}
    for response in (
        await client.get("/api/hello", headers=headers),
        await client.post("/api/hello", headers=headers),
        await client.options("/api/hello", headers=headers),
    ):
        assert response.status == 403
        assert "Access-Control-Allow-Origin" not in response.headers


async def test_a_websocket_of_another_site_is_forbidden(serve: Serve) -> None:
    client = await serve(Policy(hosts=NAMES))
    for headers in ({"Origin": "http://evil.example"}, {"Host": "evil.example"}):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await client.ws_connect("/api/events", headers=headers)
        assert refused.value.status == 403
    socket = await client.ws_connect("/api/events", origin=f"http://127.0.0.1:{client.port}")
    assert await socket.receive_str() == "hello"
    await socket.close()


async def test_what_another_sites_page_embeds_is_forbidden(serve: Serve) -> None:
    client = await serve(Policy(hosts=NAMES))
    embedded = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    assert (await client.get("/api/hello", headers=embedded)).status == 403
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert (await client.get("/api/hello", headers=link)).status == 200
    own = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}
    assert (await client.get("/api/hello", headers=own)).status == 200


@pytest.mark.parametrize(
    ("origin", "host", "status"),
    [
        ("https://box.local", "box.local", 200),
        ("https://box.local:443", "box.local", 200),
        ("https://box.local", "box.local:443", 200),
        ("https://box.local:8443", "box.local:8443", 200),
        ("http://box.local", "box.local", 403),
        ("http://box.local:8443", "box.local:8443", 403),
        ("https://box.local", "box.local:8443", 403),
    ],
)
async def test_under_tls_only_a_tls_page_is_its_own(
    serve: Serve, origin: str, host: str, status: int
) -> None:
    client = await serve(Policy(hosts=NAMES, secure=True))
    response = await client.post("/api/hello", headers={"Origin": origin, "Host": host})
    assert response.status == status


async def test_every_answer_tells_browsers_to_be_careful(serve: Serve) -> None:
    client = await serve(Policy(hosts=NAMES))
    answers = [
        await client.get("/api/hello"),
        await client.get("/nothing"),
        await client.get("/api/hello", headers={"Origin": "null"}),
        await client.put("/api/hello"),
    ]
    assert [answer.status for answer in answers] == [200, 404, 403, 405]
    for answer in answers:
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert "camera=(self)" in answer.headers["Permissions-Policy"]
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert "aiohttp" not in answer.headers["Server"]


@pytest.mark.parametrize(
    "noise",
    [b"GET / HTTP/1.1\r\nbad header\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"\r\n \r\n"],
)
async def test_what_is_no_http_is_answered_and_fills_no_log(
    serve: Serve, noise: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    client = await serve(Policy(hosts=NAMES))
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    writer.write(noise)
    assert (await reader.readline()).startswith(b"HTTP/1.0 400")
    writer.close()
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []
    assert (await client.get("/api/hello")).status == 200


def test_a_policy_does_not_print_its_token() -> None:
    assert "sesame" not in repr(Policy(token="open-sesame"))
