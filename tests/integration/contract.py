"""The running service, asked through its own OpenAPI document: what it does not promise fails."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from yarl import URL

from edge.album import albums
from edge.app import Files, Terms, make_app
from edge.assembly import make_studio
from edge.gallery import Gallery
from edge.http.policy import Policy
from edge.settings import Settings

Client = TestClient[web.Request, web.Application]
Json = dict[str, Any]

TOKEN = "the-token-of-this-test"
METHODS = ("get", "post", "put", "patch", "delete")
JSON = "application/json"
SDP = "application/sdp"


@dataclass(frozen=True)
class Operation:
    """One method of one path, as the document has it."""

    id: str
    method: str
    path: str
    said: Json


@dataclass(frozen=True)
class Answer:
    """A response that was read whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The fixed word of an error."""
        return str(self.json["error"]["code"])


class Contract:
    """A client that holds each answer against the document."""

    def __init__(self, client: Client, document: Json) -> None:
        self.client = client
        self.document = document
        self.operations = {operation.id: operation for operation in _operations(document)}

    async def call(
        self,
        operation: str,
        body: bytes | str | Json | None = None,
        kind: str | None = None,
        headers: dict[str, str] | None = None,
        /,
        **names: str,
    ) -> Answer:
        """
        Make a call and check its answer.

        Args:
            operation: its operationId.
            body: a dict goes as JSON.
            kind: Content-Type.
            names: the parts of the path; the others are the query.
        """
        asked = self.operations[operation]
        if isinstance(body, dict):
            body, kind = json.dumps(body), kind or JSON
        data = body.encode() if isinstance(body, str) else body
        path = re.sub(r"{(\w+)}", lambda part: quote(names.pop(part[1]), safe=""), asked.path)
        root = str(self.client.make_url("/")).rstrip("/")
        url = URL(f"{root}{path}?{urlencode(names)}", encoded=True)  # as it is, dots included
        sent = {**(headers or {}), **({"Content-Type": kind} if kind else {})}
        skipped = () if kind else ("Content-Type",)
        async with self.client.session.request(
            asked.method,
            url,
            data=data,
            headers=sent,
            skip_auto_headers=skipped,
        ) as response:
            answer = Answer(response.status, response.headers, await response.read())
        self.check(asked, answer)
        return answer

    def check(self, asked: Operation, answer: Answer) -> None:
        """The status is documented, and the body is what the document says of it."""
        what = f"{asked.method.upper()} {asked.path} -> {answer.status} {answer.body[:300]!r}"
        assert str(answer.status) in asked.said["responses"], f"not documented: {what}"
        said = self.resolved(asked.said["responses"][str(answer.status)])
        for name, header in said.get("headers", {}).items():
            if name != "Set-Cookie":  # only where a token is asked for
                assert name in answer.headers, f"no {name}: {what}"
                self.check_value(header["schema"], _number_or_text(answer.headers[name]))
        content = said.get("content")
        if content is None:
            assert answer.body == b"", f"a body where none is documented: {what}"
            return
        kind = answer.headers["Content-Type"].partition(";")[0]
        assert kind in content or "*/*" in content, f"{kind} is not documented: {what}"
        if kind == JSON:
            self.check_value(content[kind]["schema"], answer.json)

    def check_value(self, schema: Json, value: Any) -> None:
        """``value`` is what ``schema`` of the document says."""
        components = {"components": self.document["components"]}
        Draft202012Validator({**schema, **components}).validate(value)

    def resolved(self, said: Json) -> Json:
        """What a reference of the document refers to."""
        if "$ref" not in said:
            return said
        found: Any = self.document
        for name in said["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        resolved: Json = found
        return resolved


def _operations(document: Json) -> Iterator[Operation]:
    for path, said in document["paths"].items():
        for method in METHODS:
            if method in said:
                yield Operation(said[method]["operationId"], method, path, said[method])


def _number_or_text(value: str) -> int | str:
    return int(value) if value.isdigit() else value


@contextlib.asynccontextmanager
async def running(folder: Path, token: str | None = None) -> AsyncIterator[Contract]:
    """The whole service, with drawn bars, a plain matte and room for two viewers."""
    settings = Settings.model_validate(
        {
            "source": "bars:?size=320x180",
            "matting": "constant:0.5",
            "background": "color:224466",
            "state_dir": folder / "state",
            "cache_dir": folder / "cache",
            "keep": {"free_mb": 0},  # whatever this machine has
        }
    )
    gallery = Gallery(settings.state_dir / "backgrounds")
    files = Files(gallery, albums(settings.state_dir, settings.keep, settings.allow_original))
    terms = Terms(Policy(token=token), limit=2)
    app = make_app(make_studio(settings, frozenset(), gallery), files, terms)
    jar = aiohttp.CookieJar(unsafe=True)  # unsafe: takes the cookies of an IP address
    async with TestClient(TestServer(app), cookie_jar=jar) as client:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with client.get("/api/openapi.json", headers=headers) as response:
            document = await response.json()
        yield Contract(client, document)
