"""Each error as an answer."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from edge import errors
from edge.controls import MatteControls
from edge.http import bodies
from edge.http.errors import errors_as_json
from edge.state import StateChange

Client = TestClient[web.Request, web.Application]

FAILURES: dict[str, Exception] = {
    kind.__name__: kind("what was found")
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, Exception)
}
FAILURES["bug"] = KeyError("nobody thought of this")
FAILURES["gone"] = ConnectionResetError("Cannot write to closing transport")


async def fail(request: web.Request) -> web.Response:
    raise FAILURES[request.query["with"]]


async def controls(request: web.Request) -> web.Response:
    MatteControls.model_validate({}).changed(await request.json())
    return web.Response()


async def change(request: web.Request) -> web.Response:
    return web.json_response((await bodies.json(request, StateChange)).model_dump())


async def offer(request: web.Request) -> web.Response:
    return web.Response(text=await bodies.text(request, "application/sdp"))


async def upload(request: web.Request) -> web.Response:
    return web.Response(body=await request.read())


async def leave(request: web.Request) -> web.Response:
    raise web.HTTPFound("/elsewhere")


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    app = web.Application(middlewares=[errors_as_json], client_max_size=1000)
    app.add_routes(
        [
            web.get("/fail", fail),
            web.get("/fail/{id}", fail),
            web.post("/controls", controls),
            web.post("/change", change),
            web.post("/offer", offer),
            web.post("/upload", upload),
            web.get("/moved", leave),
        ]
    )
    async with TestClient(TestServer(app)) as running:
        yield running


@pytest.mark.parametrize(
    ("failure", "status"),
    [
        ("SignalingError", 400),
        ("TooManyViewers", 503),
        ("NotChosen", 409),
        ("InputError", 400),
        ("InputTooLarge", 413),
        ("UnsupportedInput", 415),
        ("UndecodableInput", 422),
        ("Forbidden", 403),
        ("StorageError", 503),
        ("SourceError", 503),
        ("SourceEnded", 503),
        ("ModelError", 503),
        ("ModelMissing", 503),
        ("ModelMismatch", 503),
    ],
)
async def test_each_error_has_its_status_and_code(
    client: Client, failure: str, status: int
) -> None:
    response = await client.get("/fail", params={"with": failure})
    assert response.status == status
    found = (await response.json())["error"]
    assert found == {"code": getattr(errors, failure).code, "message": "what was found"}


async def test_every_error_but_the_root_has_a_status(client: Client) -> None:
    for failure in FAILURES:
        if failure not in ("EdgeError", "bug", "gone"):
            response = await client.get("/fail", params={"with": failure})
            assert response.status in (400, 403, 409, 413, 415, 422, 503), failure


async def test_an_unknown_name_is_404_only_where_the_path_names_it(client: Client) -> None:
    assert (await client.get("/fail/7", params={"with": "UnknownName"})).status == 404
    assert (await client.get("/fail", params={"with": "UnknownName"})).status == 400


async def test_a_fault_of_ours_is_500_and_logged_once(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    response = await client.get("/fail", params={"with": "bug"})
    assert response.status == 500
    body = await response.text()
    assert '"internal"' in body
    assert "nobody thought" not in body
    assert [record.levelno for record in caplog.records if record.name != "aiohttp.access"] == [
        logging.ERROR
    ]
    assert "nobody thought" in caplog.text


async def test_a_client_that_left_is_no_error(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    await client.get("/fail", params={"with": "gone"})
    assert [record for record in caplog.records if record.name == "edge.http.errors"] == []


async def test_aiohttps_own_refusals_have_the_same_shape(client: Client) -> None:
    missing = await client.get("/nothing")
    assert missing.status == 404
    refusal = (await missing.json())["error"]
    assert refusal["code"] == "unknown"
    assert "/api/openapi.json" in refusal["message"]
    method = await client.post("/fail")
    assert method.status == 405
    assert method.headers["Allow"] == "GET,HEAD"
    assert (await method.json())["error"][
        "message"
    ] == "POST is not for this path; it takes GET, HEAD"
    large = await client.post("/upload", data=b"x" * 2000)
    assert large.status == 413
    assert (await large.json())["error"]["code"] == "too_large"


async def test_a_redirect_is_no_error(client: Client) -> None:
    response = await client.get("/moved", allow_redirects=False)
    assert response.status == 302
    assert response.headers["Location"] == "/elsewhere"


async def test_a_refused_value_is_named_with_what_was_found_and_wanted(client: Client) -> None:
    response = await client.post("/controls", json={"threshold": 7, "colour": "red"})
    assert response.status == 400
    message = (await response.json())["error"]["message"]
    assert "threshold: Input should be less than or equal to 0.95, found 7" in message
    assert "colour: Extra inputs are not permitted, found 'red'" in message


async def test_a_long_value_is_not_repeated_in_full(client: Client) -> None:
    response = await client.post("/change", json={"source": "x" * 5000})
    assert response.status == 400
    assert len((await response.json())["error"]["message"]) < 300


@pytest.mark.parametrize(
    ("path", "body", "content_type", "status", "word"),
    [
        ("/change", b"{", "application/json", 400, "JSON"),
        ("/change", b"", "application/json", 400, "JSON"),
        ("/change", b"[1]", "application/json", 400, "object"),
        ("/change", b"{}", "application/x-www-form-urlencoded", 415, "application/json"),
        ("/change", b'{"mirror": NaN}', "application/json", 400, "mirror"),
        ("/change", b" " * 300_000, "application/json", 413, "bytes"),
        ("/offer", b"v=0", "text/plain", 415, "application/sdp"),
        ("/offer", b"\xff", "application/sdp", 400, "UTF-8"),
        ("/offer", b"v=0\r\n" * 1_000_000, "application/sdp", 413, "bytes"),
    ],
)
async def test_a_bad_body_is_refused_with_the_reason(
    client: Client, path: str, body: bytes, content_type: str, status: int, word: str
) -> None:
    response = await client.post(path, data=body, headers={"Content-Type": content_type})
    assert response.status == status
    assert word in (await response.json())["error"]["message"]


async def test_a_charset_that_nobody_knows_does_not_matter(client: Client) -> None:
    headers = {"Content-Type": "application/json; charset=klingon"}
    assert (await client.post("/change", data=b"{}", headers=headers)).status == 200


async def test_a_body_that_claims_to_be_packed_and_is_not_is_the_clients_fault(
    client: Client,
) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    response = await client.post("/change", data=b"not gzip", headers=headers, compress=False)
    assert response.status == 400
