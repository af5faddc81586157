"""The running service does what its OpenAPI document says, for good requests and bad ones."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from openapi_spec_validator import validate

from tests.integration.contract import (
    JSON,
    METHODS,
    SDP,
    TOKEN,
    Answer,
    Contract,
    multipart,
    offer,
    picture,
    running,
)

TOO_MUCH = b" " * (5 * 2**20)
BAD_SDP = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"


@pytest.fixture
async def contract(tmp_path: Path) -> AsyncIterator[Contract]:
    async with running(tmp_path) as service:
        yield service


@pytest.fixture
async def guarded(tmp_path: Path) -> AsyncIterator[Contract]:
    async with running(tmp_path, TOKEN) as service:
        yield service


def test_the_document_is_openapi(document: dict[str, Any]) -> None:
    validate(document)
    assert document["openapi"].startswith("3.1")


@pytest.fixture
async def document(contract: Contract) -> dict[str, Any]:
    return contract.document


async def test_every_route_is_in_the_document_and_nothing_else(contract: Contract) -> None:
    registered = {
        (route.method.lower(), re.sub(r"{(\w+):[^}]*}", r"{\1}", route.resource.canonical))
        for route in contract.client.server.app.router.routes()  # type: ignore[attr-defined]
        if route.resource is not None and route.method != "HEAD"  # HEAD goes with GET
    }
    documented = {(each.method, each.path) for each in contract.operations.values()}
    assert registered == documented


# What each operation does when it is used as it should be.


async def page(contract: Contract) -> Answer:
    return await contract.call("page")


async def file(contract: Contract) -> Answer:
    whole = await contract.call("file", path="index.html")
    etag = whole.headers["ETag"]
    assert (
        await contract.call("file", path="index.html", headers={"If-None-Match": etag})
    ).status == 304
    part = await contract.call("file", path="index.html", headers={"Range": "bytes=0-3"})
    assert part.status == 206
    return whole


async def watch(contract: Contract) -> Answer:
    answer = await contract.call("watch", await offer("recvonly"), SDP, view="composite")
    assert answer.body.startswith(b"v=0")
    return answer


async def look(contract: Contract) -> Answer:
    viewer = (await watch(contract)).headers["Location"].removeprefix("/whep/")
    return await contract.call("look", {"view": "composite", "position": 0.25}, viewer=viewer)


async def leave(contract: Contract) -> Answer:
    viewer = (await watch(contract)).headers["Location"].removeprefix("/whep/")
    left = await contract.call("leave", viewer=viewer)
    assert (await contract.call("leave", viewer=viewer)).status == 404
    return left


async def bring(contract: Contract) -> Answer:
    assert (await contract.call("change", {"source": "browser:"})).status == 200
    return await contract.call("bring", await offer("sendonly"), SDP)


async def take_back(contract: Contract) -> Answer:
    guest = (await bring(contract)).headers["Location"].removeprefix("/whip/")
    return await contract.call("takeBack", guest=guest)


async def offer_as_the_examples(contract: Contract) -> Answer:
    sdp = await offer("recvonly")
    return await contract.call("offer", {"sdp": sdp, "type": "offer", "video_transform": "none"})


async def state(contract: Contract) -> Answer:
    return await contract.call("state")


async def change(contract: Contract) -> Answer:
    wanted = {"background": "blur:40", "mirror": True, "matte": {"threshold": 0.4}}
    answer = await contract.call("change", wanted)
    assert answer.json["background"]["id"] == "blur:40"
    assert answer.json["mirror"] is True
    assert answer.json["matte"]["threshold"] == 0.4
    assert (await contract.call("state")).json["background"]["id"] == "blur:40"
    return answer


async def stats(contract: Contract) -> Answer:
    return await contract.call("stats")


async def backgrounds(contract: Contract) -> Answer:
    return await contract.call("backgrounds")


async def add_background(contract: Contract) -> Answer:
    raw = await contract.call("addBackground", picture(), "image/png", name="a room")
    assert raw.json["deletable"]
    body, kind = multipart(picture(form=".jpg"), "beach.jpg")
    formed = await contract.call("addBackground", body, kind)
    known = {each["id"] for each in (await contract.call("backgrounds")).json}
    assert {raw.json["id"], formed.json["id"]} <= known
    return formed


async def remove_background(contract: Contract) -> Answer:
    added = (await add_background(contract)).headers["Location"].rpartition("/")[2]
    gone = await contract.call("removeBackground", id=added)
    assert (await contract.call("thumbnail", id=added)).status == 404
    return gone


async def thumbnail(contract: Contract) -> Answer:
    listed = (await contract.call("backgrounds")).json
    path = next(each["thumbnail"] for each in listed if each["thumbnail"])
    answer = await contract.call("thumbnail", id=path.split("/")[3])
    assert answer.body[8:12] == b"WEBP"
    return answer


async def healthz(contract: Contract) -> Answer:
    return await contract.call("healthz")


async def metrics(contract: Contract) -> Answer:
    answer = await contract.call("metrics")
    assert b"\nedge_fps " in answer.body
    return answer


async def login(contract: Contract) -> Answer:
    return await contract.call("login", {"token": TOKEN})


async def logout(contract: Contract) -> Answer:
    return await contract.call("logout")


async def own_document(contract: Contract) -> Answer:
    return await contract.call("document")


GOOD: dict[str, tuple[Callable[[Contract], Awaitable[Answer]], int]] = {
    "addBackground": (add_background, 201),
    "backgrounds": (backgrounds, 200),
    "bring": (bring, 201),
    "change": (change, 200),
    "document": (own_document, 200),
    "file": (file, 200),
    "healthz": (healthz, 200),
    "leave": (leave, 200),
    "login": (login, 204),
    "logout": (logout, 204),
    "look": (look, 204),
    "metrics": (metrics, 200),
    "offer": (offer_as_the_examples, 200),
    "page": (page, 200),
    "removeBackground": (remove_background, 204),
    "state": (state, 200),
    "stats": (stats, 200),
    "takeBack": (take_back, 200),
    "thumbnail": (thumbnail, 200),
    "watch": (watch, 201),
}


@pytest.mark.parametrize("operation", GOOD)
async def test_a_good_request_is_answered_as_promised(contract: Contract, operation: str) -> None:
    use, status = GOOD[operation]
    assert (await use(contract)).status == status


async def test_every_operation_is_tried(contract: Contract) -> None:
    assert set(contract.operations) == {*GOOD, "events"}


async def test_the_events_are_what_the_document_says(contract: Contract) -> None:
    event = {"$ref": "#/components/schemas/Event"}
    async with contract.client.ws_connect("/api/events") as socket:
        first = await socket.receive_json(timeout=30)
        assert first["type"] == "state"
        contract.check_value(event, first)
        await contract.call("change", {"mirror": True})
        mirrored, figures = False, False
        while not (mirrored and figures):
            message = await socket.receive_json(timeout=30)
            contract.check_value(event, message)
            figures |= message["type"] == "stats"
            mirrored |= message["type"] == "state" and message["state"]["mirror"]
    assert (await contract.call("events")).status == 400  # no WebSocket


# What is refused, and how: operation, body, Content-Type, names, status.
Bad = tuple[str, "bytes | str | dict[str, Any] | None", "str | None", dict[str, str], int]
BAD: list[Bad] = [
    ("watch", "hello", SDP, {}, 400),
    ("watch", "", SDP, {}, 400),
    ("watch", BAD_SDP, SDP, {}, 400),
    ("watch", b"\xff\xfe", SDP, {}, 400),
    ("watch", "v=0", SDP, {"view": "mirror"}, 400),
    ("watch", TOO_MUCH, SDP, {}, 413),
    ("watch", "v=0", "text/plain", {}, 415),
    ("watch", "v=0", None, {}, 415),
    ("look", {"view": "composite"}, None, {"viewer": "nobody"}, 404),
    ("look", {"view": "split"}, None, {"viewer": "nobody"}, 403),
    ("watch", "v=0", SDP, {"view": "split"}, 403),
    ("look", {"view": "upside down"}, None, {"viewer": "nobody"}, 400),
    ("look", {"view": "split", "position": 2}, None, {"viewer": "nobody"}, 400),
    ("look", "{", JSON, {"viewer": "nobody"}, 400),
    ("look", TOO_MUCH, JSON, {"viewer": "nobody"}, 413),
    ("look", "{}", "text/plain", {"viewer": "nobody"}, 415),
    ("leave", None, None, {"viewer": "nobody"}, 404),
    ("leave", None, None, {"viewer": "../state"}, 404),
    ("bring", "v=0", SDP, {}, 409),
    ("bring", TOO_MUCH, SDP, {}, 413),
    ("bring", "v=0", JSON, {}, 415),
    ("takeBack", None, None, {"guest": "nobody"}, 404),
    ("offer", {"sdp": "hello", "type": "offer"}, None, {}, 400),
    ("offer", {"sdp": "v=0", "type": "answer"}, None, {}, 400),
    ("offer", {"sdp": 7, "type": "offer"}, None, {}, 400),
    ("offer", {"type": "offer"}, None, {}, 400),
    ("offer", "[]", JSON, {}, 400),
    ("offer", TOO_MUCH, JSON, {}, 413),
    ("offer", "{}", SDP, {}, 415),
    ("change", {"background": "color:zzz"}, None, {}, 400),
    ("change", {"background": "nothing:"}, None, {}, 400),
    ("change", {"background": "gallery:none"}, None, {}, 400),
    ("change", {"background": "gallery:../../etc/passwd"}, None, {}, 400),
    ("change", {"background": "image:/etc/passwd"}, None, {}, 400),
    ("change", {"background": 5}, None, {}, 400),
    ("change", {"background": "original:"}, None, {}, 403),
    ("change", {"source": "file:/etc/passwd"}, None, {}, 400),
    ("change", {"source": "stream:http://127.0.0.1/"}, None, {}, 400),
    ("change", {"source": "x" * 1000}, None, {}, 400),
    ("change", {"model": "onnx:nothing"}, None, {}, 400),
    ("change", {"model": "onnx:/etc/passwd"}, None, {}, 400),
    ("change", {"mirror": "perhaps"}, None, {}, 400),
    ("change", {"matte": {"threshold": 7}}, None, {}, 400),
    ("change", {"matte": {"threshold": "much"}}, None, {}, 400),
    ("change", {"matte": {"colour": 1}}, None, {}, 400),
    ("change", {"matte": 1}, None, {}, 400),
    ("change", {"allow_original": True}, None, {}, 400),
    ("change", {"unknown": 1}, None, {}, 400),
    ("change", "", JSON, {}, 400),
    ("change", '{"mirror": ', JSON, {}, 400),
    ("change", '{"matte": {"threshold": NaN}}', JSON, {}, 400),
    ("change", '{"matte": {"threshold": 1e999}}', JSON, {}, 400),
    ("change", b"[" * 100_000, JSON, {}, 400),
    ("change", b'{"mirror": "\xff"}', JSON, {}, 400),
    ("change", TOO_MUCH, JSON, {}, 413),
    ("change", '{"mirror": true}', "text/plain", {}, 415),
    ("change", '{"mirror": true}', None, {}, 415),
    ("addBackground", b"words, no picture", "image/png", {}, 415),
    ("addBackground", b"", "image/png", {}, 422),
    ("addBackground", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", {}, 415),
    ("addBackground", picture()[:60], "image/png", {}, 422),
    ("addBackground", b"no form", "multipart/form-data; boundary=x", {}, 400),
    ("addBackground", b"no boundary", "multipart/form-data", {}, 400),
    ("addBackground", b"--x\r\n\r\n", "multipart/form-data; boundary=x", {}, 400),
    ("addBackground", b"\0" * (33 * 2**20), "image/png", {}, 413),
    ("addBackground", multipart(b"\0" * (33 * 2**20))[0], multipart(b"")[1], {}, 413),
    ("removeBackground", None, None, {"id": "nothing"}, 404),
    ("removeBackground", None, None, {"id": "../token"}, 404),
    ("thumbnail", None, None, {"id": "nothing"}, 404),
    ("thumbnail", None, None, {"id": "..%2f..%2ftoken"}, 404),
    ("thumbnail", None, None, {"id": "\0"}, 404),
    ("login", {"token": 5}, None, {}, 400),
    ("login", "{", JSON, {}, 400),
    ("login", TOO_MUCH, JSON, {}, 413),
    ("login", "token=x", "application/x-www-form-urlencoded", {}, 415),
    ("file", None, None, {"path": "nothing.js"}, 404),
    ("file", None, None, {"path": "../edge/errors.py"}, 404),
]


async def test_what_is_bad_is_refused_as_promised(contract: Contract) -> None:
    """All on one running service: none of them does it harm."""
    before = (await contract.call("state")).json
    for operation, body, kind, names, status in BAD:
        answer = await contract.call(operation, body, kind, **names)
        said = f"{operation} {str(body)[:80]} {kind} {names}: {answer.body[:300]!r}"
        assert answer.status == status, said
        assert len(answer.json["error"]["message"]) > 5, said
    after = (await contract.call("state")).json
    assert after["background"] == before["background"]
    assert after["matte"] == before["matte"]
    assert after["choices"]["backgrounds"] == before["choices"]["backgrounds"]
    assert (await watch(contract)).status == 201


async def test_a_drawn_background_stays(contract: Contract) -> None:
    listed = (await contract.call("backgrounds")).json
    drawn = next(each["id"] for each in listed if each["id"].startswith("gallery:"))
    answer = await contract.call("removeBackground", id=drawn.removeprefix("gallery:"))
    assert answer.status in (400, 403)
    assert (await contract.call("backgrounds")).json == listed


async def test_one_viewer_too_many_is_503(contract: Contract) -> None:
    answers = [await watch(contract), await watch(contract)]
    assert [answer.status for answer in answers] == [201, 201]
    late = await contract.call("watch", await offer("recvonly"), SDP)
    assert (late.status, late.code) == (503, "too_many_viewers")


async def test_another_method_is_405_and_says_which_are_taken(contract: Contract) -> None:
    names = {"{viewer}": "a", "{guest}": "a", "{id}": "a", "{path}": "a"}
    for path, said in contract.document["paths"].items():
        url = path
        for name, value in names.items():
            url = url.replace(name, value)
        for method in METHODS:
            if method in said:
                continue
            response = await contract.client.request(method, url)
            assert response.status == 405, f"{method} {url}"
            allowed = {each.strip().lower() for each in response.headers["Allow"].split(",")}
            assert allowed - {"head"} == {each for each in METHODS if each in said}
            contract.check_value({"$ref": "#/components/schemas/Error"}, await response.json())


async def test_without_the_token_only_what_is_open_is_answered(guarded: Contract) -> None:
    for operation in guarded.operations.values():
        names = {name: "x" for name in re.findall(r"{(\w+)}", operation.path)}
        answer = await guarded.call(operation.id, **names)
        is_open = operation.said.get("security") == []
        assert (answer.status == 401) != is_open, operation
    with pytest.raises(aiohttp.WSServerHandshakeError, match="401"):
        await guarded.client.ws_connect("/api/events")


async def test_with_the_cookie_the_page_may_do_all(guarded: Contract) -> None:
    entered = await login(guarded)
    assert "Set-Cookie" in entered.headers
    assert (await guarded.call("state")).status == 200
    async with guarded.client.ws_connect("/api/events") as socket:
        assert (await socket.receive_json(timeout=30))["type"] == "state"
    assert (await guarded.call("logout")).status == 204
    assert (await guarded.call("state")).status == 401


async def test_who_guesses_tokens_is_told_to_wait(guarded: Contract) -> None:
    answers = [await guarded.call("login", {"token": f"guess {n}"}) for n in range(12)]
    assert {answer.status for answer in answers} == {401, 429}


async def test_another_sites_requests_are_refused_as_documented(contract: Contract) -> None:
    for operation in contract.operations.values():
        for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
            names = {name: "x" for name in re.findall(r"{(\w+)}", operation.path)}
            answer = await contract.call(operation.id, headers=headers, **names)
            assert answer.status == 403, operation
