"""Whatever is sent, no answer is a fault of the service, and none is undocumented."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.contract import JSON, SDP, TOKEN, Answer, Contract, running
from tests.integration.samples import clip, multipart, offer, picture

NASTY: list[Any] = [
    None, True, -1, 0, 1e308, 2**70, "", " ", "\0", "\ud800", "é" * 50, "../..", "%00", "x" * 5000,
    [], [[]], {}, {"": {}}, {"$ref": "#"}, "original:", "browser:", "color:", "color:-1", "none",
    "blur:1e9", "blur:nan", "blur:inf", "gallery:", "gallery:\0", "camera:/dev/video0?size=1x1",
    "demo:?", "onnx:", "onnx:u2netp?x", "auto:#", "file:", "constant:0.5", "constant:2",
]  # fmt: skip
CHANGE: dict[str, Any] = {
    "source": "bars:?size=320x180",
    "model": "constant:0.5",
    "background": "color:224466",
    "mirror": False,
    "matte": {"threshold": 0.5, "upsampling": "linear", "presence": False, "edge_shift_px": 1},
}


@pytest.fixture
async def contract(tmp_path: Path) -> AsyncIterator[Contract]:
    async with running(tmp_path) as service:
        yield service


def dice(seed: int) -> random.Random:
    """The same throws each time, so that what fails once fails again."""
    return random.Random(seed)


def changed(value: Any, throw: random.Random) -> Any:
    """``value`` with one thing in it replaced, removed or added."""
    if isinstance(value, dict) and value and throw.random() < 0.8:
        key = throw.choice(sorted(value))
        kept = {name: each for name, each in value.items() if name != key}
        fate = throw.random()
        if fate < 0.15:
            return kept
        if fate < 0.3:
            return {**value, throw.choice(["", "x", "__proto__", key.upper()]): throw.choice(NASTY)}
        return {**kept, key: changed(value[key], throw)}
    return throw.choice(NASTY)


def damaged(data: bytes, throw: random.Random) -> bytes:
    """``data`` with some bytes cut out, doubled, or overwritten."""
    start = throw.randrange(len(data) + 1)
    end = min(len(data), start + throw.choice([1, 2, 8, 64, 1000]))
    piece = throw.choice(
        [b"", data[start:end] * 2, throw.randbytes(end - start), b"\0", b"\xff\xd8"]
    )
    return data[:start] + piece + data[end:]


def rewritten(sdp: str, throw: random.Random) -> str:
    """An offer with some of its lines dropped, doubled, moved, cut or with other numbers."""
    lines = sdp.split("\r\n")
    for _ in range(throw.randint(1, 3)):
        at = throw.randrange(len(lines))
        line = lines[at]
        lines[at : at + 1] = throw.choice(
            [
                [],
                [line, line],
                [line[: throw.randrange(len(line) + 1)]],
                [line.replace("0", throw.choice(["-1", "99999999999", "x", ""]))],
                [line.replace(" ", "  "), throw.choice(lines)],
                ["a=" + "y" * throw.randrange(300)],
                ["m=video 9 UDP/TLS/RTP/SAVPF " + " ".join(map(str, range(throw.randrange(140))))],
            ]
        )
        if not lines:
            break
    return "\r\n".join(lines)


def as_documented(answer: Answer, sent: object) -> None:
    """``Contract.call`` has checked the rest; a 500 is in no document, so it has failed there."""
    assert answer.status < 500 or answer.status == 503, f"{answer.status} for {sent!r}"


async def still_serves(contract: Contract) -> None:
    """It is well after all that: it answers, it takes changes, and its threads live."""
    assert (await contract.call("healthz")).status == 200
    assert (await contract.call("change", CHANGE)).status == 200
    assert (await contract.call("state")).json["background"]["id"] == CHANGE["background"]


@pytest.mark.parametrize("seed", range(3))
async def test_any_change_of_state_is_taken_or_refused(contract: Contract, seed: int) -> None:
    throw = dice(seed)
    for _ in range(120):
        body = json.dumps(changed(CHANGE, throw)).encode()
        if throw.random() < 0.2:
            body = damaged(body, throw)
        as_documented(await contract.call("change", body, JSON), body)
    await still_serves(contract)


@pytest.mark.parametrize("operation", ["offer", "login", "look"])
async def test_any_json_is_taken_or_refused(contract: Contract, operation: str) -> None:
    throw = dice(7)
    good = {
        "offer": {"sdp": "v=0\r\n", "type": "offer"},
        "login": {"token": TOKEN},
        "look": {"view": "composite", "position": 0.5},
    }[operation]
    names = {"viewer": "nobody"} if operation == "look" else {}
    for _ in range(80):
        body = json.dumps(changed(good, throw)).encode()
        if throw.random() < 0.3:
            body = damaged(body, throw)
        as_documented(await contract.call(operation, body, JSON, **names), body)
    await still_serves(contract)


@pytest.mark.parametrize("operation", ["watch", "bring"])
async def test_any_offer_is_answered_or_refused(contract: Contract, operation: str) -> None:
    throw = dice(11)
    good = await offer("recvonly" if operation == "watch" else "sendonly")
    if operation == "bring":
        assert (await contract.call("change", {"source": "browser:"})).status == 200
    taken = 0
    for _ in range(60):
        sdp = rewritten(good, throw)
        answer = await contract.call(operation, sdp, SDP)
        as_documented(answer, sdp)
        if answer.status == 201:
            taken += 1
            await contract.client.delete(answer.headers["Location"])
            if operation == "bring":  # the source before returns when a guest leaves
                assert (await contract.call("change", {"source": "browser:"})).status == 200
    assert 0 < taken < 60  # neither all nor none: it was a fair try
    await still_serves(contract)


async def test_any_upload_is_kept_or_refused(contract: Contract) -> None:
    throw = dice(13)
    before = len((await contract.call("backgrounds")).json)
    kept = 0
    files = [picture(form=form) for form in (".png", ".jpg", ".webp")] + [clip("mp4"), clip("webm")]
    for number in range(90):
        data = damaged(throw.choice(files), throw)
        if number % 3 == 0:
            body, kind = multipart(data, throw.choice(["a.png", "", "../../x", "\\", "é" * 300]))
            body = damaged(body, throw) if throw.random() < 0.5 else body
        else:
            body, kind = data, throw.choice(["image/png", "video/mp4", "application/octet-stream"])
        answer = await contract.call("addBackground", body, kind)
        as_documented(answer, body[:200])
        kept += answer.status == 201
    assert len((await contract.call("backgrounds")).json) == before + kept
    await still_serves(contract)


async def test_any_name_in_a_path_is_found_or_not(contract: Contract) -> None:
    names = [
        "%", "%2e%2e", "..", ".", "\0", "a\nb", "é", "\ud7ff", "x" * 4000, "a/b", "?", "#", "*",
        " ", "gallery:x", "'", '"', "<b>", "0" * 32, "-1", "con", "~root", "$(id)", "\\\\host",
    ]  # fmt: skip
    for name in names:
        for operation, key in (
            ("thumbnail", "id"), ("removeBackground", "id"), ("file", "path"),
            ("leave", "viewer"), ("takeBack", "guest"),
        ):  # fmt: skip
            answer = await contract.call(operation, **{key: name})
            as_documented(answer, name)
            # Whoever is gone has left: 200. A name that is no single part of a path is 404.
            wanted = {200, 404} if operation in ("leave", "takeBack") else {404}
            assert answer.status in wanted, f"{operation} {name!r}: {answer.status}"
    await still_serves(contract)
