"""``/api/state``, ``/api/stats``, ``/api/events``: what is shown, and changing it."""

from __future__ import annotations

import asyncio
import json

from aiohttp import web

from edge.http import bodies
from edge.http.keys import EVENTS, PUBLISHERS, RECORDER, STUDIO, VIEWERS
from edge.state import (
    EncoderState,
    PublisherState,
    RenditionState,
    State,
    StateChange,
    StatsState,
)

routes = web.RouteTableDef()

PERIOD_S = 1.0


@routes.get("/api/state")
async def show(request: web.Request) -> web.Response:
    return _json(await asyncio.to_thread(request.app[STUDIO].state))


@routes.patch("/api/state")
async def change(request: web.Request) -> web.Response:
    wanted = await bodies.json(request, StateChange)
    return _json(await asyncio.to_thread(request.app[STUDIO].apply, wanted))


@routes.get("/api/stats")
async def stats(request: web.Request) -> web.Response:
    return _json(figures(request.app))


@routes.get("/api/events")
async def events(request: web.Request) -> web.WebSocketResponse:
    state = await asyncio.to_thread(request.app[STUDIO].state)
    return await request.app[EVENTS].serve(request, message("state", state))


def figures(app: web.Application) -> StatsState:
    """The figures of this moment."""
    pipeline, viewers = app[STUDIO].pipeline, app[VIEWERS]
    snapshot = pipeline.stats.snapshot(dropped=pipeline.dropped, viewers=viewers.count)
    return snapshot.model_copy(
        update={
            "encoders": [EncoderState.model_validate(e) for e in viewers.encoders.tried()],
            "renditions": [RenditionState.model_validate(r) for r in viewers.renditions()],
            "publishers": [PublisherState.model_validate(p) for p in app[PUBLISHERS].stats()],
            "recorder": app[RECORDER].state,
        }
    )


def message(kind: str, value: State | StatsState) -> str:
    """As it goes over the WebSocket: ``{"type": kind, kind: value}``."""
    return json.dumps({"type": kind, kind: value.model_dump(mode="json")})


async def announce(app: web.Application) -> None:
    """
    Tell the pages the figures once a second and the state at each change, until cancelled.

    A source's coming and going is a change nobody asked for: its status is looked at here.
    """
    changed = asyncio.Event()
    loop = asyncio.get_running_loop()

    def wake() -> None:
        loop.call_soon_threadsafe(changed.set)

    app[STUDIO].on_change(wake)
    told = None
    while True:
        pipeline = app[STUDIO].pipeline
        status = pipeline.capture.status
        now = (
            *(status.phase, status.label, status.note, status.error, status.granted),
            app[STUDIO].model_status,
        )
        if changed.is_set() or now != told:
            changed.clear()
            told = now
            state = await asyncio.to_thread(app[STUDIO].state)
            await app[EVENTS].send(message("state", state))
        await app[EVENTS].send(message("stats", figures(app)))
        try:
            await asyncio.wait_for(changed.wait(), PERIOD_S)
        except asyncio.TimeoutError:
            continue


def _json(value: State | StatsState) -> web.Response:
    return web.json_response(text=value.model_dump_json())
