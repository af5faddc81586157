"""The wall clock is set while the service runs: far ahead, far back, and right again."""

from __future__ import annotations

import time
import urllib.request
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path

import pytest

from bench.live.program import Program
from tests.browser.service import Service
from tests.integration.faults.client import Client
from tests.integration.samples import picture
from tests.unit.fakes import eventually

DAY_S = 86_400
JUMPS_DAYS = (3650, -7000, 0)
WITHIN_S = 90


def with_a_clock(folder: Path) -> tuple[Service, Path]:
    """A service whose wall clock goes as a file says; skips where there is no library for it."""
    libraries = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not libraries:
        pytest.skip("no libfaketime: apt-get install faketime")
    clock = folder / "clock"
    clock.write_text("+0d\n")
    within = (
        *("env", f"LD_PRELOAD={libraries[0]}", f"FAKETIME_TIMESTAMP_FILE={clock}"),
        *("FAKETIME_DONT_FAKE_MONOTONIC=1", "FAKETIME_CACHE_DURATION=1"),
    )
    flags = ("--source", "bars:?size=320x180", "--matting", "constant:0", "--keep.free-mb", "0")
    return Service(folder / "state", *flags, within=within), clock


def is_ahead_by(service: Service, days: float) -> bool:
    """Whether the service's clock, as its answers are dated, is so far ahead of ours."""
    with urllib.request.urlopen(f"{service.url}healthz", timeout=60) as answer:
        dated = parsedate_to_datetime(answer.headers["Date"])
    return abs((dated.timestamp() - time.time()) / DAY_S - days) < 1


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_clock_that_is_set_is_noticed_by_nobody_who_watches(tmp_path: Path) -> None:
    service, clock = with_a_clock(tmp_path)
    service.start()
    try:
        client = Client(service)
        with Program.of_bench("bench.live.counting", service.url.rstrip("/")) as viewer:
            viewer.ask("join", count=1)

            def frames() -> int:
                return int(viewer.ask("count")["frames"][0])

            eventually(lambda: frames() > 5, within_s=WITHIN_S)
            for number, days in enumerate(JUMPS_DAYS):
                uptime_s = client.get("/api/stats")["uptime_s"]
                clock.write_text(f"{days:+d}d\n")
                eventually(partial(is_ahead_by, service, days), within_s=WITHIN_S)
                wanted = frames() + 10
                eventually(lambda: frames() >= wanted, within_s=WITHIN_S)  # noqa: B023  now
                assert client.call("POST", "/api/snapshot").status == 201
                stats = client.get("/api/stats")
                assert 0 < stats["uptime_s"] - uptime_s < DAY_S
                assert 0 <= stats["latency_ms"]["p50"] < 60_000
                assert 0 < stats["fps"] < 200
                assert stats["viewers"] == 1
                assert client.get("/healthz")["status"] == "ok"
                assert client.choose(background=f"color:00000{number}").said["remembered"]
                assert client.upload(picture(), f"{number}.png").status == 201
            ids = [one["id"] for one in client.get("/api/snapshots")]
            assert ids == sorted(ids)
        service.restart()
        assert Client(service).get("/api/state")["background"]["id"] == "color:000002"
        assert len(Client(service).uploads()) == len(JUMPS_DAYS)
        assert "Traceback" not in service.output
    finally:
        service.stop()
