"""A full disk: what would need room is refused in words, nothing is lost, the picture goes on."""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from edge.errors import StorageError
from edge.zoo import Zoo
from edge.zoo.fetching.disk import require_room
from tests.browser.service import Service
from tests.integration.faults.client import Client
from tests.integration.samples import encoded, picture
from tests.unit.fakes import eventually

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

FLAGS = (
    *("--source", "bars:?size=320x180", "--matting", "constant:0"),
    *("--keep.free-mb", "0"),  # whatever this machine has
)
NOTHING_FITS = 64  # bytes a file may have, in place of a disk without room
OWN_DISK = 'mount -t tmpfs -o size=1m tmpfs "$0" && exec "$@"'


def limit(service: Service, octets: int) -> None:
    """How large a file the service may write: a larger one fails as on a full disk."""
    resource.prlimit(service.pid, resource.RLIMIT_FSIZE, (octets, resource.RLIM_INFINITY))


def goes_on(client: Client) -> None:
    """Pictures are composited, now."""
    shown = client.get("/api/stats")["composited"]
    eventually(lambda: client.get("/api/stats")["composited"] > shown, within_s=60)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    running = Service(tmp_path / "state", *FLAGS)
    try:
        yield running.start()
    finally:
        running.stop()


def test_when_nothing_can_be_written_all_goes_on_and_once_it_can_all_is_kept(
    service: Service, tmp_path: Path
) -> None:
    client = Client(service)
    before = client.upload(picture(), "before.png").said["id"]
    assert client.choose(background=before).said["remembered"]
    kept = (tmp_path / "state" / "state.json").read_bytes()

    limit(service, NOTHING_FITS)
    refused = client.upload(picture(), "too late.png")
    assert (refused.status, refused.code) == (503, "storage")
    assert "disk" in refused.said["error"]["message"]
    changed = client.choose(mirror=True)
    assert (changed.status, changed.said["mirror"]) == (200, True)  # it holds until the restart
    assert not changed.said["remembered"]
    refused = client.call("POST", "/api/snapshot")
    assert (refused.status, refused.code) == (503, "storage")
    assert client.call("POST", "/api/record").status in (201, 503)
    eventually(lambda: client.get("/api/record")["recording"] is None, within_s=60)
    goes_on(client)
    assert list(client.uploads()) == [before]
    assert client.get("/api/snapshots") == []
    assert (tmp_path / "state" / "state.json").read_bytes() == kept

    limit(service, resource.RLIM_INFINITY)
    assert client.choose(matte={"threshold": 0.4}).said["remembered"]
    assert client.upload(picture(), "after.png").status == 201
    assert client.call("POST", "/api/snapshot").status == 201
    assert client.call("POST", "/api/record").status == 201
    goes_on(client)
    assert client.call("DELETE", "/api/record").said["bytes"] > 0
    service.restart()
    state = Client(service).get("/api/state")
    assert state["background"]["id"] == before
    assert (state["mirror"], state["matte"]["threshold"]) == (True, 0.4)
    assert sorted(Client(service).uploads().values()) == ["after", "before"]
    assert "Traceback" not in service.output


WITHOUT_ROOM = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
os.execv(sys.argv[1], sys.argv[1:])
"""


def test_it_starts_where_nothing_can_be_written_with_a_token_and_a_certificate_for_this_run(
    tmp_path: Path,
) -> None:
    within = (sys.executable, "-c", WITHOUT_ROOM)
    service = Service(tmp_path / "state", *FLAGS, "--listen", "127.0.0.2:0", within=within).start()
    try:
        goes_on(Client(service))
        assert "token cannot be kept" in service.output
        assert "certificate cannot be kept" in service.output
        assert "Traceback" not in service.output
    finally:
        assert service.stop() == 0


def noise() -> bytes:
    """A picture file of some 100 kB."""
    values = np.random.default_rng(1).integers(0, 256, (180, 192, 3), np.uint8)
    return encoded(values)


def with_disk_of_its_own(folder: Path) -> Service:
    """A service whose state is on a disk of one megabyte; skips where none can be had."""
    folder.mkdir()
    within = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", OWN_DISK, str(folder)]
    if shutil.which("unshare") is None:
        pytest.skip("no unshare here (util-linux)")
    tried = subprocess.run([*within, "true"], capture_output=True, text=True)
    if tried.returncode != 0:
        pytest.skip(f"no disk of its own to be had here: {tried.stderr.strip()}")
    return Service(folder, *FLAGS, within=within)


def test_a_disk_that_uploads_filled_keeps_them_all_and_takes_more_after_a_removal(
    tmp_path: Path,
) -> None:
    service = with_disk_of_its_own(tmp_path / "state").start()
    try:
        client = Client(service)
        taken: list[str] = []
        while (answer := client.upload(noise(), f"{len(taken)}.png")).status == 201:
            taken.append(answer.said["id"])
        assert (answer.status, answer.code) == (503, "storage")
        assert "No space left" in answer.said["error"]["message"]
        assert len(taken) > 2
        assert list(client.uploads()) == taken
        for id in taken:  # each is whole
            assert client.choose(background=id).status == 200
        goes_on(client)
        removed = taken.pop(0).removeprefix("gallery:")
        assert client.call("DELETE", f"/api/backgrounds/{removed}").status == 204
        assert client.choose(mirror=True).said["remembered"]
        assert client.upload(noise(), "once more.png").status == 201
        assert set(taken) < set(client.uploads())
    finally:
        assert service.stop() == 0


def test_nothing_is_fetched_that_would_not_fit(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="MB free.*wanted.*--cache-dir"):
        require_room(tmp_path, 1 << 60)


def test_a_fetch_that_fills_the_disk_is_told_and_leaves_nothing_half(tmp_path: Path) -> None:
    """In a process of its own: the limit cannot be taken back for this one's threads."""
    cache, folder = tmp_path / "cache", tmp_path / "published"
    asset = next(one for one in Zoo(cache).assets() if one.kind == "model")
    folder.mkdir()
    (folder / asset.file).write_bytes(b"\0" * 100_000)
    code = (
        "import resource, sys\n"
        "from pathlib import Path\n"
        "from edge.__main__ import main\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({NOTHING_FITS}, {NOTHING_FITS}))\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    words = ["models", "fetch", asset.id, "--cache-dir", str(cache), "--models-dir", str(folder)]
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "--cache-dir FOLDER" in done.stdout
    assert not Zoo(cache).installed(asset.id)
