"""``/api/backgrounds``: the gallery of pictures and clips to put behind."""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from aiohttp import web

from edge.http.bodies import upload
from edge.http.keys import GALLERY, STUDIO
from edge.state import BackgroundChoice

routes = web.RouteTableDef()


@routes.get("/api/backgrounds")
async def listed(request: web.Request) -> web.Response:
    choices = await asyncio.to_thread(request.app[STUDIO].backgrounds)
    return _json(choices)


@routes.post("/api/backgrounds")
async def add(request: web.Request) -> web.Response:
    data, name = await upload(request)
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


def _json(choices: list[BackgroundChoice]) -> web.Response:
    return web.json_response([choice.model_dump(mode="json") for choice in choices])
