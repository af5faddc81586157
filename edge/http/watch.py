"""WHEP for viewers, ``/offer`` for the aiortc examples' pages, WHIP for a guest's camera."""

from __future__ import annotations

import contextlib
from typing import Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from edge.errors import InputError, UnknownName
from edge.http import bodies
from edge.http.keys import GUESTS, VIEWERS
from edge.webrtc.view import View

routes = web.RouteTableDef()

SDP = "application/sdp"


class ViewChange(BaseModel):
    """What one viewer sees: the composite, or the room left of ``position`` and it right of it."""

    model_config = ConfigDict(extra="forbid")

    view: Literal["composite", "split"]
    position: float = Field(0.5, ge=0, le=1)


class Offer(BaseModel):
    """An SDP offer as the aiortc examples send it."""

    model_config = ConfigDict(extra="ignore")

    sdp: str
    type: Literal["offer"]


@routes.post("/whep")
async def watch(request: web.Request) -> web.Response:
    view = View(_kind(request.query.get("view", "composite")))
    viewer, answer = await request.app[VIEWERS].connect(await bodies.text(request, SDP), view)
    return _created(answer, f"/whep/{viewer}")


@routes.patch("/whep/{viewer}")
async def look(request: web.Request) -> web.Response:
    wanted = await bodies.json(request, ViewChange)
    view = View(wanted.view, wanted.position)
    request.app[VIEWERS].set_view(request.match_info["viewer"], view)
    return web.Response(status=204)


@routes.delete("/whep/{viewer}")
async def leave(request: web.Request) -> web.Response:
    # Who leaves cannot know whether the service forgot them first, over a restart say.
    with contextlib.suppress(UnknownName):
        await request.app[VIEWERS].disconnect(request.match_info["viewer"])
    return web.Response()


@routes.post("/offer")
async def offer(request: web.Request) -> web.Response:
    offered = await bodies.json(request, Offer)
    _, answer = await request.app[VIEWERS].connect(offered.sdp)
    return web.json_response({"sdp": answer, "type": "answer"})


@routes.post("/whip")
async def bring(request: web.Request) -> web.Response:
    guest, answer = await request.app[GUESTS].connect(await bodies.text(request, SDP))
    return _created(answer, f"/whip/{guest}")


@routes.delete("/whip/{guest}")
async def take_back(request: web.Request) -> web.Response:
    with contextlib.suppress(UnknownName):
        await request.app[GUESTS].disconnect(request.match_info["guest"])
    return web.Response()


def _kind(name: str) -> Literal["composite", "split"]:
    if name == "composite":
        return "composite"
    if name == "split":
        return "split"
    raise InputError(f"view={name!r}: wanted composite or split")


def _created(answer: str, location: str) -> web.Response:
    return web.Response(status=201, text=answer, content_type=SDP, headers={"Location": location})
