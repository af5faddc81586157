"""SIGKILL, as a cut of power: whatever was confirmed is there afterwards, and nothing is half."""

from __future__ import annotations

import contextlib
import http.client
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import av
import pytest

from tests.browser.service import ROOT, Service
from tests.integration.faults.client import Client
from tests.integration.samples import picture
from tests.unit.fakes import eventually

CONFIRMED = 3  # of each kind, before a kill
GONE = (OSError, http.client.HTTPException)


def test_killed_at_any_step_of_a_write_leaves_the_old_or_the_new(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.integration.faults.cut_off", str(tmp_path / "state")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    assert len(found) == 12
    for one in found:
        assert one["died"], one
        if one["what"] == "choice":
            assert one["kept"] == "demo:", one
        else:
            assert one["kept"] == ["before"], one
            assert one["then"] == ["before", "after"], one


class Busy:
    """Two clients that upload and choose without a pause, until the service is gone."""

    def __init__(self, client: Client) -> None:
        self.uploaded: list[str] = []
        self.chosen: list[str] = []
        self._client = client
        self._threads = [
            threading.Thread(target=self._until_gone, args=(one,), daemon=True)
            for one in (self._upload, self._choose)
        ]
        for thread in self._threads:
            thread.start()

    def has_confirmed(self) -> bool:
        """Enough of each kind."""
        return min(len(self.uploaded), len(self.chosen)) >= CONFIRMED

    def join(self) -> None:
        for thread in self._threads:
            thread.join(60)
            assert not thread.is_alive()

    def _until_gone(self, one: Callable[[int], None]) -> None:
        with contextlib.suppress(*GONE):
            number = 0
            while True:
                one(number := number + 1)

    def _upload(self, number: int) -> None:
        answer = self._client.upload(picture(), f"{number}.png")
        assert answer.status == 201
        self.uploaded.append(answer.said["id"])

    def _choose(self, number: int) -> None:
        wanted = f"color:{number:06x}"
        assert self._client.choose(background=wanted).status == 200
        self.chosen.append(wanted)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_killed_while_it_saves_the_service_comes_back_with_all_that_it_confirmed(
    tmp_path: Path,
) -> None:
    """At an address that is not 127.0.0.1, so that there is a token and a certificate, too."""
    state = tmp_path / "state"
    flags = ("--source", "bars:?size=320x180", "--matting", "constant:0")
    service = Service(state, *flags, "--listen", "127.0.0.2:0")
    uploaded: list[str] = []
    token = certificate = b""
    for _ in range(2):
        service.start()
        if token:
            assert (state / "token").read_bytes() == token
            assert (state / "tls.pem").read_bytes() == certificate
        busy = Busy(Client(service))
        eventually(busy.has_confirmed, within_s=90)
        service.kill()
        busy.join()
        uploaded += busy.uploaded
        token, certificate = (state / "token").read_bytes(), (state / "tls.pem").read_bytes()
    service.start()
    try:
        client = Client(service)
        assert set(uploaded) <= set(client.uploads())
        last = int(busy.chosen[-1].removeprefix("color:"), 16)
        kept = client.get("/api/state")["background"]["id"]
        assert kept in (busy.chosen[-1], f"color:{last + 1:06x}")  # the next was perhaps on its way
        for id in client.uploads():
            assert client.choose(background=id).status == 200
        assert client.get("/healthz")["status"] in ("ok", "degraded")
        assert "cannot be read" not in service.output
        recorded = client.call("POST", "/api/record").said["id"]
        shown = client.get("/api/stats")["composited"]
        eventually(lambda: client.get("/api/stats")["composited"] > shown + 20, within_s=60)
    finally:
        assert service.stop() == 0
    with av.open(str(state / "recordings" / f"{recorded}.mp4")) as film:  # SIGTERM ended it whole
        assert len(list(film.decode(video=0))) > 5
