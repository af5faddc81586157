"""``/api/snapshot``, ``/api/record``: the picture of this moment, and of a while, on disk."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from aiohttp import web

from edge.album import Entry
from edge.errors import UnknownName
from edge.http.keys import ALBUMS, BROADCAST, RECORDER, STUDIO
from edge.snapshot import snapshot, wanted
from edge.state import Value
from edge.taken import RecordingState, SnapshotState

routes = web.RouteTableDef()

COMPOSITE = "composite"  # the part that every snapshot has
PRIVATE = {"Cache-Control": "private, no-cache"}  # of the room's user; asked about each time


@routes.post("/api/snapshot")
async def take(request: web.Request) -> web.Response:
    parts = wanted(request.query.get("with", ""), request.app[STUDIO].allow_original)
    newest = request.app[BROADCAST].newest
    files = await asyncio.to_thread(snapshot, newest, parts)
    entry = await asyncio.to_thread(request.app[ALBUMS].snapshots.add, files)
    return _made(_snapshot(entry), f"/api/snapshots/{entry.id}")


@routes.get("/api/snapshots")
async def snapshots(request: web.Request) -> web.Response:
    entries = await asyncio.to_thread(request.app[ALBUMS].snapshots.entries)
    return _list([_snapshot(entry) for entry in entries])


@routes.get("/api/snapshots/{id}")
async def show_snapshot(request: web.Request) -> web.StreamResponse:
    part = request.query.get("part", COMPOSITE)
    if part == "original":
        wanted(part, request.app[STUDIO].allow_original)
    entry = await asyncio.to_thread(request.app[ALBUMS].snapshots.entry, request.match_info["id"])
    path = entry.files.get("" if part == COMPOSITE else part)
    if path is None:
        raise UnknownName(f"part={part}: this snapshot has {', '.join(_snapshot(entry).parts)}")
    return web.FileResponse(path, headers={**PRIVATE, "Content-Type": "image/png"})


@routes.delete("/api/snapshots/{id}")
async def remove_snapshot(request: web.Request) -> web.Response:
    await asyncio.to_thread(request.app[ALBUMS].snapshots.remove, request.match_info["id"])
    return web.Response(status=204)


@routes.post("/api/record")
async def record(request: web.Request) -> web.Response:
    recording = await request.app[RECORDER].start()
    return _made(recording, f"/api/recordings/{recording.id}")


@routes.get("/api/record")
async def recorder(request: web.Request) -> web.Response:
    return web.json_response(text=request.app[RECORDER].state.model_dump_json())


@routes.delete("/api/record")
async def end_record(request: web.Request) -> web.Response:
    recording = await request.app[RECORDER].stop()
    return web.json_response(text=recording.model_dump_json())


@routes.get("/api/recordings")
async def recordings(request: web.Request) -> web.Response:
    entries = await asyncio.to_thread(request.app[ALBUMS].recordings.entries)
    return _list([RecordingState(id=e.id, bytes=e.bytes, made=e.made) for e in entries])


@routes.get("/api/recordings/{id}")
async def show_recording(request: web.Request) -> web.StreamResponse:
    entry = await asyncio.to_thread(request.app[ALBUMS].recordings.entry, request.match_info["id"])
    return web.FileResponse(entry.files[""], headers={**PRIVATE, "Content-Type": "video/mp4"})


@routes.delete("/api/recordings/{id}")
async def remove_recording(request: web.Request) -> web.Response:
    request.app[RECORDER].require_done(request.match_info["id"])
    await asyncio.to_thread(request.app[ALBUMS].recordings.remove, request.match_info["id"])
    return web.Response(status=204)


def _snapshot(entry: Entry) -> SnapshotState:
    parts = sorted(part or COMPOSITE for part in entry.files)
    return SnapshotState(id=entry.id, parts=parts, bytes=entry.bytes, made=entry.made)


def _made(value: Value, location: str) -> web.Response:
    return web.json_response(
        text=value.model_dump_json(), status=201, headers={"Location": location}
    )


def _list(values: Sequence[Value]) -> web.Response:
    return web.json_response([value.model_dump(mode="json") for value in values])
