from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

import edge
from edge import remember
from edge.errors import StorageError
from edge.files import write_atomically
from edge.remember import VERSION, Choice, Memory


def test_a_choice_survives_a_restart(tmp_path: Path) -> None:
    Memory(tmp_path).keep({"source": Choice(configured="auto:", chosen="demo:")})
    assert Memory(tmp_path).recall("source", "auto:") == "demo:"


def test_a_setting_edited_since_wins_over_the_choice(tmp_path: Path) -> None:
    Memory(tmp_path).keep({"source": Choice(configured="auto:", chosen="demo:")})
    assert Memory(tmp_path).recall("source", "camera:0") == "camera:0"


def test_later_choices_do_not_drop_earlier_ones(tmp_path: Path) -> None:
    Memory(tmp_path).keep({"mirror": Choice(configured=False, chosen=True)})
    memory = Memory(tmp_path)
    memory.keep({"source": Choice(configured="auto:", chosen="demo:")})
    assert memory.recall("mirror", False) is True


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"version": 1, "choices": {"a": 1}}', '{"version": 0}', '{"version": "2"}'],
)
def test_a_broken_file_is_put_aside_and_the_start_goes_on(tmp_path: Path, content: str) -> None:
    (tmp_path / "state.json").write_text(content)
    assert Memory(tmp_path).recall("source", "auto:") == "auto:"
    assert (tmp_path / "state.broken.json").read_text() == content


def test_a_folder_that_cannot_be_written_is_told_and_the_choice_holds(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    memory = Memory(tmp_path / "file" / "state")
    with pytest.raises(StorageError, match="--state-dir"):
        memory.keep({"source": Choice(configured="auto:", chosen="demo:")})
    assert memory.recall("source", "auto:") == "demo:"


OLD = {"version": 1, "choices": {"source": {"configured": "auto:", "chosen": "demo:"}}}


def test_the_file_says_its_version_and_who_wrote_it(tmp_path: Path) -> None:
    Memory(tmp_path).keep({})
    written = json.loads((tmp_path / "state.json").read_text())
    assert (written["version"], written["written_by"]) == (VERSION, edge.__version__)


def test_an_older_file_is_taken_over_and_a_copy_of_it_stays(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text(json.dumps(OLD))
    memory = Memory(tmp_path)
    assert memory.recall("source", "auto:") == "demo:"
    assert json.loads((tmp_path / "state.json").read_text()) == OLD  # until something changes
    memory.keep({"mirror": Choice(configured=False, chosen=True)})
    assert json.loads((tmp_path / "state.v1.json").read_text()) == OLD
    again = Memory(tmp_path)
    assert (again.recall("source", "auto:"), again.recall("mirror", False)) == ("demo:", True)


def test_an_older_file_is_not_replaced_where_no_copy_can_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "state.json").write_text(json.dumps(OLD))
    memory = Memory(tmp_path)

    def full(path: Path, data: bytes) -> None:
        if "v1" in path.name:
            raise OSError(28, "No space left on device")
        write_atomically(path, data)

    monkeypatch.setattr(remember, "write_atomically", full)
    change = {"mirror": Choice(configured=False, chosen=True)}
    with pytest.raises(StorageError, match="No space"):
        memory.keep(change)
    assert json.loads((tmp_path / "state.json").read_text()) == OLD
    monkeypatch.setattr(remember, "write_atomically", write_atomically)
    memory.keep(change)
    assert json.loads((tmp_path / "state.v1.json").read_text()) == OLD


def test_a_newer_file_is_kept_aside_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    newer = json.dumps({"version": VERSION + 1, "written_by": "9.9", "looks": []})
    (tmp_path / "state.json").write_text(newer)
    memory = Memory(tmp_path)
    assert memory.recall("source", "auto:") == "auto:"
    assert (tmp_path / f"state.v{VERSION + 1}.json").read_text() == newer
    assert "9.9" in caplog.text
    assert f"knows {VERSION} and older" in caplog.text
    memory.keep({})
    assert (tmp_path / f"state.v{VERSION + 1}.json").read_text() == newer


def test_what_a_kill_left_of_a_write_is_swept(tmp_path: Path) -> None:
    Memory(tmp_path).keep({})
    left, fresh = tmp_path / ".state.json-0a_b1c2d", tmp_path / ".state.json-zzzzzzzz"
    for path in (left, fresh):
        path.write_text("{")
    long_ago_s = time.time() - 7200
    os.utime(left, (long_ago_s, long_ago_s))
    Memory(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [fresh.name, "state.json"]
