"""The access token on disk."""

from __future__ import annotations

import logging
import os
import stat
from pathlib import Path

import pytest

from edge.http.token import access_token

NOT_AS_ROOT = pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")


def test_it_is_made_once_and_kept_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "edge"
    token = access_token(folder)
    assert len(token) >= 32
    assert access_token(folder) == token
    assert stat.S_IMODE((folder / "token").stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == ["token"]


def test_two_services_have_two_tokens(tmp_path: Path) -> None:
    assert access_token(tmp_path / "a") != access_token(tmp_path / "b")


@pytest.mark.parametrize("found", [b"", b"\n", b"short", b"two words are no token", b"\xff" * 40])
def test_what_is_no_token_is_replaced_with_a_word(
    tmp_path: Path, found: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "token").write_bytes(found)
    token = access_token(tmp_path)
    assert len(token) >= 32
    assert (tmp_path / "token").read_text().strip() == token
    assert "holds no access token" in caplog.text
    assert token not in caplog.text


def test_a_token_that_others_could_read_is_kept_and_closed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "token"
    path.write_text("chosen-by-the-operator\n")
    path.chmod(0o644)
    assert access_token(tmp_path) == "chosen-by-the-operator"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert "other users" in caplog.text


def test_where_nothing_can_be_kept_the_token_is_for_this_run(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "state"
    blocked.write_text("a file where the folder should be")
    first, second = access_token(blocked), access_token(blocked)
    assert first != second
    assert len(first) >= 32
    assert [record.levelno for record in caplog.records] == [logging.WARNING] * 2
    assert "this run only" in caplog.text
    assert first not in caplog.text


@NOT_AS_ROOT
def test_a_read_only_folder_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    tmp_path.chmod(0o500)
    try:
        assert len(access_token(tmp_path)) >= 32
    finally:
        tmp_path.chmod(0o700)
    assert "this run only" in caplog.text
