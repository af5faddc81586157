"""Snapshots and recordings, used as they should be."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Awaitable, Callable

import av
import numpy as np

from tests.integration.contract import Answer, Contract
from tests.integration.samples import decoded

WITHIN_S = 60
BARS = (180, 320, 3)  # what the service of these tests shows


async def snapshot(contract: Contract) -> Answer:
    """As soon as the first picture is matted; before that it is 503."""
    deadline_s = time.monotonic() + WITHIN_S
    while (answer := await contract.call("snapshot", **{"with": "alpha"})).status == 503:
        assert time.monotonic() < deadline_s, answer.body
        await asyncio.sleep(0.05)
    assert answer.json["parts"] == ["alpha", "composite"]
    assert answer.headers["Location"] == f"/api/snapshots/{answer.json['id']}"
    return answer


async def snapshots(contract: Contract) -> Answer:
    taken = [(await snapshot(contract)).json for _ in range(2)]
    answer = await contract.call("snapshots")
    assert answer.json == taken
    return answer


async def show_snapshot(contract: Contract) -> Answer:
    id = (await snapshot(contract)).json["id"]
    whole = await contract.call("showSnapshot", id=id)
    assert decoded(whole.body).shape == BARS
    alpha = decoded((await contract.call("showSnapshot", id=id, part="alpha")).body)
    assert alpha.shape == BARS[:2]
    assert np.ptp(alpha) == 0  # the model of these tests says the same of every point
    assert (await contract.call("showSnapshot", id=id, part="original")).status == 403
    etag = {"If-None-Match": whole.headers["ETag"]}
    assert (await contract.call("showSnapshot", None, None, etag, id=id)).status == 304
    return whole


async def remove_snapshot(contract: Contract) -> Answer:
    id = (await snapshot(contract)).json["id"]
    gone = await contract.call("removeSnapshot", id=id)
    assert (await contract.call("showSnapshot", id=id)).status == 404
    assert (await contract.call("snapshots")).json == []
    return gone


async def record(contract: Contract) -> Answer:
    await snapshot(contract)  # a slate before the first picture has another size: its own file
    answer = await contract.call("record")
    assert (await contract.call("record")).status == 409
    now = (await contract.call("recorder")).json
    assert now["recording"] == answer.json["id"]
    assert now["running_s"] >= 0
    assert (await contract.call("stats")).json["recorder"]["recording"] == answer.json["id"]
    growing = await contract.call("removeRecording", id=answer.json["id"])
    assert growing.status == 409
    return answer


async def recorder(contract: Contract) -> Answer:
    answer = await contract.call("recorder")
    assert answer.json == {"recording": None, "running_s": None, "error": None}
    return answer


async def end_record(contract: Contract) -> Answer:
    """A second of pictures, or as many as a slow machine gives."""
    shown = (await contract.call("stats")).json["composited"]
    await record(contract)
    while (await contract.call("stats")).json["composited"] < shown + 20:  # noqa: ASYNC110  over HTTP
        await asyncio.sleep(0.05)
    answer = await contract.call("endRecord")
    assert (await contract.call("endRecord")).status == 409
    assert (await contract.call("recorder")).json["recording"] is None
    return answer


async def recordings(contract: Contract) -> Answer:
    ended = (await end_record(contract)).json
    answer = await contract.call("recordings")
    assert answer.json == [ended]
    return answer


async def show_recording(contract: Contract) -> Answer:
    ended = (await end_record(contract)).json
    answer = await contract.call("showRecording", id=ended["id"])
    assert len(answer.body) == ended["bytes"]
    with av.open(io.BytesIO(answer.body)) as film:
        pictures = [frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)]
    assert len(pictures) > 5
    assert {picture.shape for picture in pictures} == {BARS}
    part = await contract.call("showRecording", None, None, {"Range": "bytes=4-7"}, id=ended["id"])
    assert (part.status, part.body) == (206, b"ftyp")
    return answer


async def remove_recording(contract: Contract) -> Answer:
    id = (await end_record(contract)).json["id"]
    gone = await contract.call("removeRecording", id=id)
    assert (await contract.call("showRecording", id=id)).status == 404
    return gone


TAKEN: dict[str, tuple[Callable[[Contract], Awaitable[Answer]], int]] = {
    "endRecord": (end_record, 200),
    "record": (record, 201),
    "recorder": (recorder, 200),
    "recordings": (recordings, 200),
    "removeRecording": (remove_recording, 204),
    "removeSnapshot": (remove_snapshot, 204),
    "showRecording": (show_recording, 200),
    "showSnapshot": (show_snapshot, 200),
    "snapshot": (snapshot, 201),
    "snapshots": (snapshots, 200),
}
