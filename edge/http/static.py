"""The page and its files, from the checkout's ``web/`` folder."""

from __future__ import annotations

from pathlib import Path

from aiohttp import web

from edge.errors import StorageError

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob: mediastream:",
        "connect-src 'self'",
        "font-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Cache-Control": "no-cache",  # kept, but asked about each time: an update shows at once
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
}


class Pages:
    """
    The files there were at start. No path from outside reaches the disk, so none can leave the
    folder.

    Args:
        folder: holds index.html and what it uses.

    Raises:
        StorageError: there is no page in it.
    """

    def __init__(self, folder: Path) -> None:
        self._files = {
            path.relative_to(folder).as_posix(): path
            for path in sorted(folder.rglob("*"))
            if path.suffix in TYPES and path.is_file() and _is_inside(path, folder)
        }
        if "index.html" not in self._files:
            raise StorageError(
                f"{folder} holds no index.html; start the service from a complete checkout"
            )

    async def index(self, request: web.Request) -> web.StreamResponse:
        """GET /"""
        return self._answer("index.html")

    async def file(self, request: web.Request) -> web.StreamResponse:
        """GET /web/{path}"""
        return self._answer(request.match_info["path"])

    def _answer(self, name: str) -> web.FileResponse:
        path = self._files.get(name)
        if path is None or not path.is_file():
            raise web.HTTPNotFound(text="there is no such file of the page")
        kind = TYPES[path.suffix]
        return web.FileResponse(path, headers={**HEADERS, "Content-Type": kind})


def _is_inside(path: Path, folder: Path) -> bool:
    """Whether ``path`` is in plain sight, and no link that leads out of ``folder``."""
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return not hidden and path.resolve().is_relative_to(folder.resolve())


def install(app: web.Application, folder: Path) -> None:
    """
    Add ``/`` and ``/web/``.

    Raises:
        StorageError: there is no page in ``folder``.
    """
    pages = Pages(folder)
    app.router.add_get("/", pages.index)
    app.router.add_get("/web/{path:.+}", pages.file)
