"""Each operation of the document, used as it should be."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from tests.integration.contract import SDP, TOKEN, Answer, Contract
from tests.integration.good_taken import TAKEN
from tests.integration.samples import decoded, multipart, offer, picture


async def page(contract: Contract) -> Answer:
    return await contract.call("page")


async def file(contract: Contract) -> Answer:
    whole = await contract.call("file", path="index.html")
    etag = whole.headers["ETag"]
    assert (
        await contract.call("file", None, None, {"If-None-Match": etag}, path="index.html")
    ).status == 304
    part = await contract.call("file", None, None, {"Range": "bytes=0-3"}, path="index.html")
    assert part.status == 206
    return whole


async def watch(contract: Contract) -> Answer:
    answer = await contract.call("watch", await offer("recvonly"), SDP, view="composite")
    assert answer.body.startswith(b"v=0")
    return answer


async def look(contract: Contract) -> Answer:
    viewer = (await watch(contract)).headers["Location"].removeprefix("/whep/")
    return await contract.call("look", {"view": "composite", "position": 0.25}, viewer=viewer)


async def leave(contract: Contract) -> Answer:
    viewer = (await watch(contract)).headers["Location"].removeprefix("/whep/")
    assert (await contract.call("leave", viewer=viewer)).status == 200
    return await contract.call("leave", viewer=viewer)  # gone already: no fault of the viewer's


async def bring(contract: Contract) -> Answer:
    assert (await contract.call("change", {"source": "browser:"})).status == 200
    return await contract.call("bring", await offer("sendonly"), SDP)


async def take_back(contract: Contract) -> Answer:
    guest = (await bring(contract)).headers["Location"].removeprefix("/whip/")
    return await contract.call("takeBack", guest=guest)


async def offer_as_the_examples(contract: Contract) -> Answer:
    sdp = await offer("recvonly")
    return await contract.call("offer", {"sdp": sdp, "type": "offer", "video_transform": "none"})


async def state(contract: Contract) -> Answer:
    return await contract.call("state")


async def change(contract: Contract) -> Answer:
    wanted = {"background": "blur:40", "mirror": True, "matte": {"threshold": 0.4}}
    answer = await contract.call("change", wanted)
    assert answer.json["background"]["id"] == "blur:40"
    assert answer.json["mirror"] is True
    assert answer.json["matte"]["threshold"] == 0.4
    assert (await contract.call("state")).json["background"]["id"] == "blur:40"
    return answer


async def stats(contract: Contract) -> Answer:
    return await contract.call("stats")


async def backgrounds(contract: Contract) -> Answer:
    return await contract.call("backgrounds")


async def add_background(contract: Contract) -> Answer:
    raw = await contract.call("addBackground", picture(), "image/png", name="a room")
    assert raw.json["deletable"]
    body, kind = multipart(picture(form=".jpg"), "beach.jpg")
    formed = await contract.call("addBackground", body, kind)
    known = {each["id"] for each in (await contract.call("backgrounds")).json}
    assert {raw.json["id"], formed.json["id"]} <= known
    return formed


async def cut(contract: Contract) -> Answer:
    """By the default model: the project's own."""
    answer = await contract.call("cut", picture(), "image/png")
    assert decoded(answer.body).shape == (36, 64, 4)
    body, kind = multipart(picture(form=".jpg"), "me.jpg")
    webp = await contract.call("cut", body, kind, {"Accept": "image/webp"}, output="alpha")
    assert webp.headers["Content-Type"] == "image/webp"
    names = {"output": "composite", "background": "color:ff0000", "model": "constant:0.5"}
    mixed = decoded((await contract.call("cut", picture(), "image/png", **names)).body)
    assert mixed[..., 2].min() >= 127  # half red, whatever was there
    return answer


async def remove_background(contract: Contract) -> Answer:
    added = (await add_background(contract)).headers["Location"].rpartition("/")[2]
    gone = await contract.call("removeBackground", id=added)
    assert (await contract.call("thumbnail", id=added)).status == 404
    return gone


async def thumbnail(contract: Contract) -> Answer:
    listed = (await contract.call("backgrounds")).json
    path = next(each["thumbnail"] for each in listed if each["thumbnail"])
    answer = await contract.call("thumbnail", id=path.split("/")[3])
    assert answer.body[8:12] == b"WEBP"
    return answer


async def healthz(contract: Contract) -> Answer:
    return await contract.call("healthz")


async def metrics(contract: Contract) -> Answer:
    answer = await contract.call("metrics")
    assert b"\nedge_fps " in answer.body
    return answer


async def login(contract: Contract) -> Answer:
    return await contract.call("login", {"token": TOKEN})


async def logout(contract: Contract) -> Answer:
    return await contract.call("logout")


async def own_document(contract: Contract) -> Answer:
    return await contract.call("document")


GOOD: dict[str, tuple[Callable[[Contract], Awaitable[Answer]], int]] = {
    "addBackground": (add_background, 201),
    "backgrounds": (backgrounds, 200),
    "bring": (bring, 201),
    "change": (change, 200),
    "cut": (cut, 200),
    "document": (own_document, 200),
    "file": (file, 200),
    "healthz": (healthz, 200),
    "leave": (leave, 200),
    "login": (login, 204),
    "logout": (logout, 204),
    "look": (look, 204),
    "metrics": (metrics, 200),
    "offer": (offer_as_the_examples, 200),
    "page": (page, 200),
    "removeBackground": (remove_background, 204),
    "state": (state, 200),
    "stats": (stats, 200),
    "takeBack": (take_back, 200),
    "thumbnail": (thumbnail, 200),
    "watch": (watch, 201),
    **TAKEN,
}
