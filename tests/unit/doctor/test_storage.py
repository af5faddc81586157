"""Models, folders and the port."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from edge.doctor.checks import storage
from edge.zoo import Zoo
from edge.zoo.assets import Manifest, manifest
from tests.unit.convert.graphs import graph, put


def test_models_are_told_here_or_to_be_fetched(tmp_path: Path) -> None:
    rows = list(storage.assets(Zoo(tmp_path, listing=manifest())))
    assert {row.status for row in rows} == {"missing"}
    (row,) = [row for row in rows if row.name == "model u2netp"]
    assert row.advice == "python -m edge models fetch u2netp"


def test_a_model_that_needs_no_fetching_is_there_or_cut_off(tmp_path: Path) -> None:
    file = put(tmp_path, graph())
    zoo = Zoo(tmp_path / "cache", listing=Manifest(assets=()), own=[tmp_path])
    (row,) = storage.assets(zoo)
    assert (row.name, row.status, row.found) == ("model small", "ok", str(file))
    file.write_bytes(b"cut")
    (row,) = storage.assets(zoo)
    assert row.status == "problem"


def test_a_folder_is_tried_and_left_as_it_was(tmp_path: Path) -> None:
    found = storage.folder("state folder", tmp_path / "a" / "b", "--state-dir")
    assert found.status == "ok"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_a_file_or_full_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    found = storage.folder("state folder", tmp_path / "file", "--state-dir")
    assert found.status == "problem"
    assert "--state-dir FOLDER" in found.advice
    monkeypatch.setattr(storage, "ENOUGH_DISK_BYTES", 1 << 62)
    assert "too little room" in storage.folder("x", tmp_path, "--state-dir").meaning


def test_a_port_in_use_is_a_problem() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        found = storage.port(("127.0.0.1", number))
        assert found.status == "problem"
        assert "another program" in found.meaning
    assert storage.port(("127.0.0.1", number)).status == "ok"
    assert "no such address" in storage.port(("192.0.2.1", 8080)).meaning
