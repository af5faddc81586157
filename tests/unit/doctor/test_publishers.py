"""Servers and devices that the picture is published to."""

from __future__ import annotations

import socket

from edge.doctor.checks import Finding, publishers
from edge.doctor.checks.child import Answer, ask

DEVICE = {"path": "/dev/video10", "name": "Edge Matting"}


def rows(specs: list[str], *devices: dict[str, str], error: str = "") -> dict[str, Finding]:
    def played(probe: str, **options: float) -> Answer:
        assert probe == "outputs"
        return Answer(error=error) if error else Answer(list(devices))

    return {row.name: row for row in publishers.examine(specs, played)}


def test_a_server_that_listens_is_told_without_its_path_and_token() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        found = rows([f"whip:http://:secret@127.0.0.1:{port}/key"])
    row = found[f"publish whip 127.0.0.1:{port}"]
    assert row.status == "ok"
    assert "secret" not in str(row)
    assert "key" not in str(row)


def test_a_server_that_is_not_there_is_a_problem() -> None:
    row = rows(["whip:http://127.0.0.1:1/whip"])["publish whip 127.0.0.1:1"]
    assert (row.status, row.found) == ("problem", "Connection refused")


def test_what_is_no_address_is_a_problem() -> None:
    assert rows(["whip:nowhere"])["publish whip"].status == "problem"
    assert rows(["whip:http://host:99999/"])["publish whip"].status == "problem"
    assert rows(["rtmp:host"])["publish"].status == "problem"


def test_a_device_is_told_by_name() -> None:
    found = rows(["v4l2loopback:10?size=640x360", "v4l2loopback:/dev/video3"], DEVICE)
    assert found["publish /dev/video10"].found == "Edge Matting takes pictures"
    assert found["publish /dev/video3"].status == "problem"
    assert "modprobe v4l2loopback" in found["publish /dev/video3"].advice
    assert found["virtual camera"].found == "Edge Matting (/dev/video10)"


def test_without_a_device_none_is_missed_unless_asked_for() -> None:
    row = rows([])["virtual camera"]
    assert (row.status, row.found) == ("missing", "none")
    assert "apt-get install v4l2loopback-dkms" in row.advice
    assert rows([], error="no answer within 10 s")["virtual camera"].found.startswith("no answer")


def test_the_probe_answers() -> None:
    assert isinstance(ask("outputs").value, list)
