"""Two whole services: one pushes its picture to the other, which is killed and comes back."""

from __future__ import annotations

import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.service import Service

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

WITHIN_S = 100  # two services start on two busy cores


@pytest.fixture
def second(tmp_path: Path) -> Iterator[Service]:
    """A service that shows whoever comes in by WHIP."""
    arguments = (
        "--source",
        "browser:",
        "--matting",
        "constant:0.3",
        "--background",
        "color:00b140",
    )
    service = Service(tmp_path / "second", *arguments).start()
    yield service
    service.stop()


@pytest.fixture
def first(tmp_path: Path, second: Service) -> Iterator[Service]:
    """A service that pushes there."""
    source = "presenter:?size=320x180&fps=10"
    arguments = (
        "--source",
        source,
        "--matting",
        "constant:0.3",
        "--publish",
        f"whip:{second.url}whip",
    )
    service = Service(tmp_path / "first", *arguments).start()
    yield service
    service.stop()


def publisher(service: Service) -> dict[str, Any]:
    (found,) = service.get("/api/stats")["publishers"]
    return dict(found)


def until(service: Service, path: str, key: str, value: str) -> None:
    """Wait until ``key`` of what ``path`` tells has ``value``."""
    deadline_s = time.monotonic() + WITHIN_S
    while (found := service.get(path)[key])["status"] != value:
        assert time.monotonic() < deadline_s, f"{found}\n{service.output}"
        time.sleep(0.2)


def live(first: Service, second: Service) -> None:
    """The second shows what the first pushes, and the first says so."""
    until(second, "/api/state", "source", "live")
    deadline_s = time.monotonic() + WITHIN_S
    while publisher(first)["status"] != "live":
        assert time.monotonic() < deadline_s, f"{publisher(first)}\n{first.output}"
        time.sleep(0.2)


@pytest.mark.parametrize("killed", [False, True], ids=["told to stop", "killed"])
def test_the_push_finds_a_service_again_that_restarts(
    first: Service, second: Service, killed: bool
) -> None:
    live(first, second)
    assert second.get("/api/state")["source"]["granted"]["width"] == 320
    sent = publisher(first)["sent"]
    if killed and second._process is not None:  # no goodbye: only its silence tells
        second._process.kill()
    second.restart()
    live(first, second)
    assert publisher(first)["sent"] > sent
    figure = f'edge_publisher_live{{publisher="whip:{second.url[:-1]}"}} 1.0'
    with urllib.request.urlopen(f"{first.url}metrics", timeout=20) as answer:
        assert figure in answer.read().decode()
    assert first.stop() == 0
