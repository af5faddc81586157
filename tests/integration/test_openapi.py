"""The running service does what its OpenAPI document says, for good requests and bad ones."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from openapi_spec_validator import validate

from edge.http.keys import STUDIO
from tests.integration.bad_requests import BAD
from tests.integration.contract import METHODS, SDP, TOKEN, Contract, running
from tests.integration.good_requests import GOOD, login, watch
from tests.integration.samples import offer


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


async def test_pages_are_told_when_a_source_says_something_new(contract: Contract) -> None:
    app = contract.client.server.app  # type: ignore[attr-defined]
    async with contract.client.ws_connect("/api/events") as socket:
        await socket.receive_json(timeout=30)
        app[STUDIO].pipeline.capture.source.note = "The demo clip could not be fetched."
        notes: list[str] = []
        for _ in range(20):  # figures come every second, whatever else does
            message = await socket.receive_json(timeout=30)
            if message["type"] == "state":
                notes.append(message["state"]["source"]["note"])
            if "The demo clip could not be fetched." in notes:
                return
    raise AssertionError(f"pages were told of {notes}")


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
            answer = await contract.call(operation.id, None, None, headers, **names)
            assert answer.status == 403, operation
