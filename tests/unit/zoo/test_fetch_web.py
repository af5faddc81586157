from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from edge.zoo.fetching.archive import Unavailable
from edge.zoo.fetching.web import ATTEMPTS, download

pytestmark = pytest.mark.usefixtures("no_pauses")


def quiet(done: int, total: int | None) -> None:
    """Nobody watches."""


def test_the_whole_file_comes_with_its_progress(server: Any, tmp_path: Path) -> None:
    size, seen = len(server.content), []

    part = download(server.url, tmp_path / "p", size, lambda *now: seen.append(now))

    assert part.read_bytes() == server.content
    assert seen[-1] == (size, size)
    assert server.asked == [None]


def test_a_cut_connection_is_continued_where_it_broke(server: Any, tmp_path: Path) -> None:
    server.cuts = [100, 30]

    part = download(server.url, tmp_path / "p", len(server.content), quiet)

    assert part.read_bytes() == server.content
    assert server.asked == [None, "bytes=100-", "bytes=130-"]


def test_a_server_without_ranges_is_asked_from_the_start(server: Any, tmp_path: Path) -> None:
    server.ranges, server.cuts = False, [100]

    part = download(server.url, tmp_path / "p", len(server.content), quiet)

    assert part.read_bytes() == server.content


def test_what_an_earlier_process_left_is_continued(server: Any, tmp_path: Path) -> None:
    (tmp_path / "p").write_bytes(server.content[:77])

    part = download(server.url, tmp_path / "p", len(server.content), quiet)

    assert part.read_bytes() == server.content
    assert server.asked == ["bytes=77-"]


def test_a_part_longer_than_the_file_is_thrown_away(server: Any, tmp_path: Path) -> None:
    (tmp_path / "p").write_bytes(server.content + b"more")

    part = download(server.url, tmp_path / "p", len(server.content), quiet)

    assert part.read_bytes() == server.content


def test_a_part_that_the_server_cannot_continue_is_thrown_away(server: Any, tmp_path: Path) -> None:
    (tmp_path / "p").write_bytes(b"of another file")
    server.statuses = [416]

    part = download(server.url, tmp_path / "p", len(server.content), quiet)

    assert part.read_bytes() == server.content
    assert server.asked == ["bytes=15-", None]


def test_a_busy_server_is_asked_again(server: Any, tmp_path: Path) -> None:
    server.statuses = [503, 429]

    part = download(server.url, tmp_path / "p", len(server.content), quiet)

    assert part.read_bytes() == server.content


def test_a_server_that_always_cuts_at_the_same_byte_is_given_up(
    server: Any, tmp_path: Path
) -> None:
    server.ranges, server.cuts = False, [50] * 20

    with pytest.raises(Unavailable, match=r"cut off after 50 of \d+ bytes|cut off"):
        download(server.url, tmp_path / "p", len(server.content), quiet)
    assert len(server.asked) == 1 + ATTEMPTS


def test_a_missing_file_is_not_asked_for_again(server: Any, tmp_path: Path) -> None:
    server.statuses = [404]

    with pytest.raises(Unavailable, match="HTTP 404"):
        download(server.url, tmp_path / "p", len(server.content), quiet)
    assert len(server.asked) == 1


def test_a_longer_file_is_stopped_and_leaves_nothing(server: Any, tmp_path: Path) -> None:
    size = len(server.content) - 1

    with pytest.raises(Unavailable, match=f"more than the {size} bytes wanted"):
        download(server.url, tmp_path / "p", size, quiet)
    assert not (tmp_path / "p").exists()


def test_a_server_out_of_reach_says_so(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="cannot be reached: .*refused"):
        download("http://127.0.0.1:9/x", tmp_path / "p", 10, quiet)


def test_a_full_disk_is_not_mistaken_for_a_network_fault(server: Any, tmp_path: Path) -> None:
    part = tmp_path / "p"
    part.symlink_to("/dev/full")

    with pytest.raises(OSError, match="No space left on device"):
        download(server.url, part, len(server.content), quiet)
    assert len(server.asked) == 1
