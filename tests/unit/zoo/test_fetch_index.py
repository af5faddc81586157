"""Real pip, with a folder as all the index it knows."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from edge.zoo.fetching import index
from edge.zoo.fetching.archive import Unavailable


def quiet(done: int, total: int | None) -> None:
    """Nobody watches."""


@pytest.mark.usefixtures("local_index")
def test_pip_brings_a_wheel_and_nothing_stays_behind(wares: Any, tmp_path: Path) -> None:
    work = tmp_path / "work"
    with index.download(wares.wheel_package, work, quiet) as path:
        assert path.read_bytes() == wares.wheel

    assert list(work.iterdir()) == []


@pytest.mark.usefixtures("local_index")
def test_pip_brings_a_source_archive_without_building_it(wares: Any, tmp_path: Path) -> None:
    """Its build back end is not installed, so anything but the stand-in would fail."""
    with index.download(wares.sdist_package, tmp_path / "work", quiet) as path:
        assert path.read_bytes() == wares.sdist


def test_pip_refuses_an_archive_with_another_checksum(
    wares: Any, local_index: Path, tmp_path: Path
) -> None:
    (local_index / wares.sdist_package.archive).write_bytes(wares.sdist + b"evil")

    with (
        pytest.raises(Unavailable, match=r"(?i)hash"),
        index.download(wares.sdist_package, tmp_path / "work", quiet),
    ):
        pytest.fail("it was taken")


def test_an_index_without_the_package_says_so_in_pips_words(
    wares: Any, local_index: Path, tmp_path: Path
) -> None:
    (local_index / wares.wheel_package.archive).unlink()

    with (
        pytest.raises(Unavailable, match=r"No matching distribution found for tiny-weights==1\.0"),
        index.download(wares.wheel_package, tmp_path / "work", quiet),
    ):
        pytest.fail("there is none")


def fake_pip(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    monkeypatch.setattr(index, "_command", lambda package, room: [sys.executable, "-c", code])


def test_a_pip_that_hangs_is_ended(
    wares: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_pip(monkeypatch, "import time; time.sleep(600)")
    monkeypatch.setattr(index, "STALL_S", 0.5)

    with (
        pytest.raises(Unavailable, match="no data for"),
        index.download(wares.wheel_package, tmp_path, quiet),
    ):
        pytest.fail("nothing came")


def test_the_growing_file_is_reported_as_progress(
    wares: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The child goes on only once its first bytes were reported, so no time matters here."""
    go_on = tmp_path / "go-on"
    name = wares.wheel_package.archive
    fake_pip(
        monkeypatch,
        "import os, pathlib, time\n"
        "got = pathlib.Path(os.environ['TMPDIR']).parent / 'got'\n"
        f"(got / {name!r}).write_bytes(b'x' * 50)\n"
        f"while not os.path.exists({str(go_on)!r}): time.sleep(0.02)\n",
    )
    seen = []

    def watch(done: int, total: int | None) -> None:
        seen.append((done, total))
        go_on.touch()

    with index.download(wares.wheel_package, tmp_path / "work", watch):
        assert seen == [(50, wares.wheel_package.size_bytes)]


def test_pip_out_of_disk_is_an_os_error(
    wares: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_pip(monkeypatch, "exit('ERROR: [Errno 28] No space left on device')")

    with (
        pytest.raises(OSError, match="No space left"),
        index.download(wares.wheel_package, tmp_path, quiet),
    ):
        pytest.fail("it had no room")


def test_passwords_in_pips_words_are_masked(
    wares: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_pip(monkeypatch, "exit('ERROR: no luck with https://me:secret@mirror/simple')")

    with (
        pytest.raises(Unavailable, match=r"https://\*\*\*@mirror") as caught,
        index.download(wares.wheel_package, tmp_path, quiet),
    ):
        pytest.fail("it failed")
    assert "secret" not in str(caught.value)


def test_a_python_without_pip_says_how_to_add_it(
    wares: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)

    with (
        pytest.raises(Unavailable, match="ensurepip"),
        index.download(wares.wheel_package, tmp_path, quiet),
    ):
        pytest.fail("there is no pip")


def test_what_a_killed_process_left_is_cleared(
    wares: Any, local_index: Path, tmp_path: Path
) -> None:
    left = tmp_path / "work" / "pip" / "got" / "half.whl"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")

    with index.download(wares.wheel_package, tmp_path / "work", quiet) as path:
        assert [p.name for p in path.parent.iterdir()] == [wares.wheel_package.archive]
