"""Pictures of one's own room: few that are alike, and for their owner alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.errors import SourceError
from edge.frame import Frame
from train.__main__ import main
from train.capture import Rhythm, capture
from train.data.pictures import read_rgb

SECOND = 1_000_000_000


def view(number: int) -> np.ndarray:
    """(60, 80, 3): another picture for each number."""
    coarse = np.random.default_rng(number).integers(0, 256, (6, 8, 3), np.uint8)
    return np.asarray(cv2.resize(coarse, (80, 60), interpolation=cv2.INTER_CUBIC), np.uint8)


def frames(numbers: list[int], fps: float = 10) -> Iterator[Frame]:
    for index, number in enumerate(numbers):
        yield Frame(view(number), index, round(index * SECOND / fps))


def test_one_frame_of_each_period_is_kept_as_it_was(tmp_path: Path) -> None:
    captured = capture(frames(list(range(30))), tmp_path / "room", Rhythm(1.0, 10))
    assert len(captured.kept) == 3
    assert sorted((tmp_path / "room").iterdir()) == list(captured.kept)
    apart = np.abs(read_rgb(captured.kept[1]).astype(int) - view(10))
    assert apart.mean() < 4  # JPEG


def test_what_is_like_a_frame_that_is_kept_is_left_out(tmp_path: Path) -> None:
    captured = capture(frames([1, 1, 2, 1, 2, 3]), tmp_path, Rhythm(0.0, 10))
    assert len(captured.kept) == 3
    assert captured.alike == 3


def test_it_ends_when_nothing_moves_for_long(tmp_path: Path) -> None:
    endless = frames([1] * 10_000)
    captured = capture(endless, tmp_path, Rhythm(1.0, 10, patience_s=20))
    assert captured.patient
    assert len(captured.kept) == 1
    assert next(endless).index < 250


def test_only_their_owner_may_read_them(tmp_path: Path) -> None:
    captured = capture(frames([1]), tmp_path / "room", Rhythm())
    assert (tmp_path / "room").stat().st_mode & 0o777 == 0o700
    assert captured.kept[0].stat().st_mode & 0o777 == 0o600


def failing(good: int) -> Iterator[Frame]:
    yield from frames(list(range(good)))
    raise SourceError("unplugged")


def test_a_source_that_fails_leaves_what_it_gave(tmp_path: Path) -> None:
    assert len(capture(failing(3), tmp_path, Rhythm(0.0)).kept) == 3


def test_a_source_that_gives_nothing_says_why(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="unplugged"):
        capture(failing(0), tmp_path, Rhythm())


def test_the_command_keeps_frames_of_any_source(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = f"capture --source presenter:?size=160x90 --every 0 --count 2 --output {tmp_path}"
    assert main([*given.split(), "--empty"]) == 0
    assert "2 pictures of Drawn presenter" in capsys.readouterr().out
    assert len(list((tmp_path / "empty").glob("*.jpg"))) == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("--source browser:", "needs the service"),
        ("--count 0", "above 0"),
        ("--source nothing:", "no such kind"),
    ],
)
def test_what_cannot_be_captured_is_refused(
    wrong: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(f"capture --output {tmp_path} {wrong}".split()) == 2
    assert said in capsys.readouterr().err
