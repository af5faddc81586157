"""The page's files: all of them, and nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from edge.errors import StorageError
from edge.http import security, static
from edge.http.policy import Policy

Client = TestClient[web.Request, web.Application]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    web_folder = tmp_path / "web"
    (web_folder / "parts").mkdir(parents=True)
    (web_folder / ".git").mkdir()
    (web_folder / "index.html").write_text("<!doctype html><title>page</title>")
    (web_folder / "app.js").write_text("export const one = 1;\n")
    (web_folder / "parts" / "look.css").write_text("body { margin: 0 }\n")
    (web_folder / "notes.txt").write_text("secret")
    (web_folder / ".git" / "config.json").write_text("secret")
    (tmp_path / "token.json").write_text("secret")
    return web_folder


@pytest.fixture
async def client(folder: Path) -> AsyncIterator[Client]:
    app = web.Application()
    security.install(app, Policy())
    static.install(app, folder)
    async with TestClient(TestServer(app)) as running:
        yield running


async def test_the_page_comes_with_a_strict_policy(client: Client) -> None:
    response = await client.get("/")
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "<title>page" in await response.text()


@pytest.mark.parametrize(
    ("path", "content_type"),
    [("/web/app.js", "text/javascript"), ("/web/parts/look.css", "text/css")],
)
async def test_a_file_has_its_type_and_is_asked_about_again(
    client: Client, folder: Path, path: str, content_type: str
) -> None:
    first = await client.get(path)
    assert first.status == 200
    assert first.headers["Content-Type"] == f"{content_type}; charset=utf-8"
    assert first.headers["Cache-Control"] == "no-cache"
    again = await client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status == 304
    assert again.headers["Cache-Control"] == "no-cache"
    (folder / path.removeprefix("/web/")).write_text("/* longer than it was before this */")
    changed = await client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert changed.status == 200
    assert "longer" in await changed.text()


@pytest.mark.parametrize(
    "path",
    [
        "/web/missing.js",
        "/web/parts",
        "/web/notes.txt",
        "/web/.git/config.json",
        "/web/../token.json",
        "/web/%2e%2e/token.json",
        "/web/..%2ftoken.json",
        "/web/parts/../../token.json",
        "/web//etc/passwd",
        "/web/app.js%00.css",
        "/web/..%5ctoken.json",
    ],
)
async def test_nothing_else_is_served(client: Client, path: str) -> None:
    response = await client.get(URL(path, encoded=True))
    assert response.status == 404
    body = await response.text()
    assert "secret" not in body
    assert (await response.json())["error"]["code"] == "unknown"


async def test_a_file_that_vanishes_is_404(client: Client, folder: Path) -> None:
    (folder / "app.js").unlink()
    response = await client.get("/web/app.js")
    assert response.status == 404
    assert (await response.json())["error"]["code"] == "unknown"


def test_a_checkout_without_its_page_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"no index\.html"):
        static.Pages(tmp_path)


def test_a_link_out_of_the_folder_is_not_followed(folder: Path) -> None:
    (folder / "out.json").symlink_to(folder.parent / "token.json")
    (folder / "away").symlink_to(folder.parent)
    assert set(static.Pages(folder)._files) == {"index.html", "app.js", "parts/look.css"}
