"""Files that the service makes: within a quota, the oldest go first, and never for nothing."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from edge.album import Album, albums
from edge.errors import StorageError, UnknownName
from edge.taken import KeepSettings


def album(folder: Path, quota_bytes: int = 1000, free_bytes: int = 0) -> Album:
    return Album(folder / "album", ".png", quota_bytes, free_bytes)


def test_files_that_belong_together_are_kept_together(tmp_path: Path) -> None:
    entry = album(tmp_path).add({"": b"abc", "alpha": b"de"})
    assert entry.bytes == 5
    assert entry.files[""].read_bytes() == b"abc"
    assert entry.files["alpha"].read_bytes() == b"de"
    assert entry.files[""].stat().st_mode & 0o777 == 0o600
    assert album(tmp_path).entries() == [entry]


def test_the_oldest_go_when_the_quota_is_reached(tmp_path: Path) -> None:
    kept = album(tmp_path)
    made = [kept.add({"": b"x" * 300, "alpha": b"y" * 50}).id for _ in range(5)]
    assert [entry.id for entry in kept.entries()] == made[-2:]
    assert len(list((tmp_path / "album").iterdir())) == 4


def test_which_is_the_oldest_does_not_depend_on_the_clock(tmp_path: Path) -> None:
    kept = album(tmp_path)
    first, second, third = (kept.add({"": b"x" * 300}).id for _ in range(3))
    os.utime(kept.path(first), (4e9, 4e9))
    os.utime(kept.path(third), (0, 0))  # as if the clock had been set back
    fourth = album(tmp_path).add({"": b"x" * 300}).id
    assert [entry.id for entry in kept.entries()] == [second, third, fourth]


def test_an_id_is_never_used_again(tmp_path: Path) -> None:
    kept = album(tmp_path)
    first = kept.add({"": b"x"}).id
    kept.remove(first)
    second = kept.add({"": b"x"}).id
    assert first != second
    with pytest.raises(UnknownName):
        kept.entry(first)
    with pytest.raises(UnknownName):
        kept.remove(first)


def test_what_is_in_work_is_spared(tmp_path: Path) -> None:
    kept = album(tmp_path)
    first, second = (kept.add({"": b"x" * 400}).id for _ in range(2))
    kept.make_room(400, spared=(first,))
    assert [entry.id for entry in kept.entries()] == [first]
    assert second not in str(list((tmp_path / "album").iterdir()))


def test_a_disk_that_others_filled_costs_nothing_that_was_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = album(tmp_path, free_bytes=10_000_000)
    before = kept.add({"": b"x" * 400})
    usage = shutil.disk_usage(tmp_path)._replace(free=9_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(StorageError, match=r"9 MB free.*10 MB stay free"):
        kept.add({"": b"x" * 800})
    assert kept.entries() == [before]


def test_a_write_that_fails_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = album(tmp_path)

    def full(path: Path, data: bytes, mode: int) -> None:
        if "alpha" not in path.name:
            raise OSError(28, "No space left on device")
        path.write_bytes(data)

    monkeypatch.setattr("edge.album.write_atomically", full)
    with pytest.raises(StorageError, match="No space left on device.*disk is not full"):
        kept.add({"": b"abc", "alpha": b"de"})
    assert list((tmp_path / "album").iterdir()) == []


def test_what_a_kill_left_of_one_is_swept_at_the_next_start(tmp_path: Path) -> None:
    kept = album(tmp_path)
    whole, cut_off = (kept.add({"": b"abc", "alpha": b"de"}) for _ in range(2))
    cut_off.files[""].unlink()
    assert album(tmp_path).entries() == [whole]
    assert len(list((tmp_path / "album").iterdir())) == 2


def test_what_may_show_the_room_is_not_given_by_a_service_that_may_not(tmp_path: Path) -> None:
    keep = KeepSettings(free_mb=0)
    taken = albums(tmp_path, keep, allow_original=True).snapshots.add({"": b"the room"})
    closed, opened = (albums(tmp_path, keep, allowed).snapshots for allowed in (False, True))
    assert closed.entries() == []
    assert opened.entries() == [taken]
    with pytest.raises(UnknownName):
        closed.entry(taken.id)


def test_files_of_others_are_left_alone(tmp_path: Path) -> None:
    kept = album(tmp_path)
    kept.add({"": b"x" * 900})
    (tmp_path / "album" / "mine.png").write_bytes(b"z" * 5000)
    newest = kept.add({"": b"x" * 900})
    assert kept.entries() == [newest]
    assert (tmp_path / "album" / "mine.png").exists()
