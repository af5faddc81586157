from __future__ import annotations

from pathlib import Path

import pytest

from edge.files import put_aside, write_atomically


def test_the_file_is_there_whole_with_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    write_atomically(path, b"one", 0o600)
    assert path.read_bytes() == b"one"
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_failed_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("edge.files.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_put_aside_covers_nothing_that_was(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    names = []
    for content in ("a", "b", "c"):
        path.write_text(content)
        names.append(put_aside(path, "broken").name)
    assert names == ["state.broken.json", "state.broken-2.json", "state.broken-3.json"]
    assert [(tmp_path / name).read_text() for name in names] == ["a", "b", "c"]
    assert not path.exists()
