"""The address of a WHIP server, and what it answers: no token in any message."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from yarl import URL

from edge.errors import InputError, PublishError
from edge.http import tls
from edge.publishers._endpoint import MAX_ANSWER, endpoint

Handler = Callable[[web.Request], Awaitable[web.Response]]
ANSWER = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n"
SECRET = "s3cret"


def test_a_token_and_a_password_become_headers_and_leave_the_address() -> None:
    assert endpoint(f"https://:{SECRET}@host/live").authorization == f"Bearer {SECRET}"
    assert endpoint("https://:a%2Fb%40c@host/live").authorization == "Bearer a/b@c"
    basic = endpoint("https://user:p%40ss@host:8889/live/whip?x=1")
    assert basic.authorization == "Basic dXNlcjpwQHNz"  # user:p@ss in base64
    assert str(basic.url) == "https://host:8889/live/whip?x=1"
    assert endpoint("http://host/live").authorization == ""


def test_the_label_names_the_server_alone() -> None:
    assert (
        endpoint(f"https://:{SECRET}@host:8443/{SECRET}?{SECRET}").label == "whip:https://host:8443"
    )


@pytest.mark.parametrize(
    "argument",
    [
        "",
        "host/whip",
        "rtsp://host/whip",
        "https:///whip",
        f"https://{SECRET}@host/whip",
        f"https://:{SECRET}@host:99999/whip",
        f"https://:{SECRET}/x@host/whip",
        f"https://:{SECRET}@ho st/whip",
        f"https://:{SECRET}@host/whip#{SECRET}",
        f"https://:{SECRET}@host/whip#sha256=AB:CD",
        f"http://:{SECRET}@host/whip#sha256={'ab' * 32}",
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(argument: str) -> None:
    with pytest.raises(InputError) as refused:
        endpoint(argument)
    assert SECRET not in str(refused.value)
    assert "--publish whip:" in str(refused.value)


class Server:
    """Answers as a test says, and remembers what it was asked."""

    def __init__(self) -> None:
        self.status, self.body = 201, ANSWER
        self.location: str | None = "session/7"
        self.asked: list[tuple[str, str, str]] = []
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        said = (request.method, request.path, request.headers.get("Authorization", ""))
        self.asked.append(said)
        if request.path == "/moved":
            raise web.HTTPTemporaryRedirect("/live/whip")
        headers = {"Location": self.location} if self.location else {}
        return web.Response(status=self.status, text=self.body, headers=headers)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server()
    async with _served(made.handle) as made.url:
        yield made


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[tuple[Server, str]]:
    """A server with a certificate of its own, and that certificate's fingerprint."""
    made, own = Server(), tls.self_signed(tmp_path, ["127.0.0.1"])
    async with _served(made.handle, own) as made.url:
        yield made, own.fingerprint


@asynccontextmanager
async def _served(handle: Handler, own: tls.Tls | None = None) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    context = own.context if own else None
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    yield f"{'https' if own else 'http'}://127.0.0.1:{runner.addresses[0][1]}"
    await runner.cleanup()


async def test_the_answer_and_what_to_delete_come_back(server: Server) -> None:
    there = endpoint(f"{server.url.replace('//', f'//:{SECRET}@')}/live/whip")
    answer, resource = await there.post("v=0\r\n")
    assert answer == ANSWER
    assert resource == URL(f"{server.url}/live/session/7")
    await there.delete(resource)
    assert server.asked == [
        ("POST", "/live/whip", f"Bearer {SECRET}"),
        ("DELETE", "/live/session/7", f"Bearer {SECRET}"),
    ]


async def test_a_redirect_is_followed(server: Server) -> None:
    answer, _ = await endpoint(f"{server.url}/moved").post("v=0\r\n")
    assert answer == ANSWER
    assert [path for _, path, _ in server.asked] == ["/moved", "/live/whip"]


@pytest.mark.parametrize("location", ["https://elsewhere.example/session/7", None])
async def test_nothing_is_deleted_elsewhere(server: Server, location: str | None) -> None:
    server.location = location
    _, resource = await endpoint(f"{server.url}/whip").post("v=0\r\n")
    assert resource is None


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (
            401,
            '{"error": {"code": "x", "message": "no token"}}',
            r"TOKEN.*\(status 401: no token\)",
        ),
        (403, '{"error": "not yours"}', r"\(status 403: not yours\)"),
        (404, "<html>nothing</html>", r"no.* WHIP at this path \(status 404\)"),
        (409, "busy\r\nnow\x1b[2J", r"somebody else.*\(status 409: busy now \[2J\)"),
        (500, "", r"does not take the picture \(status 500\)"),
        (200, "hello", "no SDP"),
        (201, "v=0" + "x" * MAX_ANSWER, "more than 65536 bytes"),
    ],
)
async def test_a_refusal_is_told_in_words(
    server: Server, status: int, body: str, words: str
) -> None:
    server.status, server.body = status, body
    with pytest.raises(PublishError, match=words):
        await endpoint(f"{server.url}/whip").post("v=0\r\n")


async def test_a_server_that_is_not_there_is_told_without_the_path() -> None:
    with pytest.raises(PublishError, match="cannot be reached: Connection refused") as refused:
        await endpoint(f"http://127.0.0.1:1/{SECRET}").post("v=0\r\n")
    assert SECRET not in str(refused.value)


async def test_a_certificate_of_its_own_is_taken_by_its_fingerprint_alone(
    guarded: tuple[Server, str],
) -> None:
    server, fingerprint = guarded
    with pytest.raises(PublishError, match="#sha256=FINGERPRINT"):
        await endpoint(f"{server.url}/whip").post("v=0\r\n")
    with pytest.raises(PublishError, match=f"SHA-256 is {fingerprint}"):
        await endpoint(f"{server.url}/whip#sha256={'00' * 32}").post("v=0\r\n")
    assert not server.asked  # the token was not handed to a stranger
    answer, _ = await endpoint(f"{server.url}/whip#sha256={fingerprint}").post("v=0\r\n")
    assert answer == ANSWER


async def test_leaving_a_server_that_is_gone_is_no_error() -> None:
    await endpoint("http://127.0.0.1:1/whip").delete(URL("http://127.0.0.1:1/whip/7"))
