from __future__ import annotations

import json
from pathlib import Path

import pytest

from edge.errors import StorageError
from edge.remember import Choice, Memory


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


@pytest.mark.parametrize("content", ["", "{", "[]", '{"version": 1, "choices": {"a": 1}}'])
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


def test_the_file_says_its_version(tmp_path: Path) -> None:
    Memory(tmp_path).keep({})
    assert json.loads((tmp_path / "state.json").read_text())["version"] == 1
