"""``/api/backgrounds``: the gallery of pictures and clips to put behind."""

from __future__ import annotations

import asyncio
from urllib.parse import quote, unquote

from aiohttp import BodyPartReader, StreamReader, web

from edge.errors import InputError, InputTooLarge
from edge.http.bodies import MAX_BODY
from edge.http.keys import GALLERY, STUDIO
from edge.state import BackgroundChoice

routes = web.RouteTableDef()


@routes.get("/api/backgrounds")
async def listed(request: web.Request) -> web.Response:
    choices = await asyncio.to_thread(request.app[STUDIO].backgrounds)
    return _json(choices)


@routes.post("/api/backgrounds")
async def add(request: web.Request) -> web.Response:
    data, name = await _upload(request)
    item = await asyncio.to_thread(request.app[GALLERY].add, data, name)
    choices = await asyncio.to_thread(request.app[STUDIO].backgrounds)
    await asyncio.to_thread(request.app[STUDIO].refresh)
    choice = next(choice for choice in choices if choice.id == f"gallery:{item.id}")
    return web.json_response(
        text=choice.model_dump_json(),
        status=201,
        headers={"Location": f"/api/backgrounds/{quote(item.id)}"},
    )


@routes.delete("/api/backgrounds/{id}")
async def remove(request: web.Request) -> web.Response:
    await asyncio.to_thread(request.app[STUDIO].remove_background, request.match_info["id"])
    return web.Response(status=204)


@routes.get("/api/backgrounds/{id}/thumbnail")
async def thumbnail(request: web.Request) -> web.Response:
    picture = await asyncio.to_thread(request.app[GALLERY].thumbnail, request.match_info["id"])
    # An id names one picture for ever: an upload is never replaced, only removed.
    return web.Response(
        body=picture,
        content_type="image/webp",
        headers={"Cache-Control": "private, max-age=86400"},
    )


async def _upload(request: web.Request) -> tuple[bytes, str]:
    """The bytes and the name of what was sent, as multipart/form-data or as the body itself."""
    if request.content_type != "multipart/form-data":
        name = unquote(request.headers.get("X-Filename", "")) or request.query.get("name", "")
        return await _within_limit(request.content), name
    try:
        parts = await request.multipart()
        while (part := await parts.next()) is not None:
            if isinstance(part, BodyPartReader) and part.filename is not None:
                return await _within_limit(part), part.filename
    except (ValueError, AssertionError) as error:
        raise InputError(f"the multipart body is broken: {error}") from error
    raise InputError("the multipart body has no file in it; send one part with a file name")


async def _within_limit(body: BodyPartReader | StreamReader) -> bytes:
    chunks, size = [], 0
    while chunk := await (
        body.read_chunk() if isinstance(body, BodyPartReader) else body.readany()
    ):
        chunks.append(chunk)
        size += len(chunk)
        if size > MAX_BODY:
            raise InputTooLarge(f"over {MAX_BODY // 2**20} MiB; send a smaller picture or clip")
    return b"".join(chunks)


def _json(choices: list[BackgroundChoice]) -> web.Response:
    return web.json_response([choice.model_dump(mode="json") for choice in choices])
