"""The kinds that need no file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from edge import plugins
from edge.errors import InputError, UndecodableInput, UnknownName, UnsupportedInput
from edge.frame import Frame
from edge.gallery import Gallery
from tests.unit.backgrounds.media import RED, flat, frame, near

ROOM = "edge.backgrounds"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    import cv2

    path = tmp_path / "red.png"
    cv2.imwrite(str(path), flat(RED)[..., ::-1])
    return path


@pytest.mark.parametrize("size", [(64, 48), (1280, 720), (641, 361), (1, 1), (90, 160)])
@pytest.mark.parametrize(
    "spec",
    [
        "color:aa0010",
        "none:",
        "original:",
        "blur:21",
        "blur:255",
        "gallery:dots",
        "image:{picture}",
    ],
)
def test_gives_the_frames_size_whatever_it_is(
    spec: str, size: tuple[int, int], picture: Path, tmp_path: Path
) -> None:
    gallery = Gallery(tmp_path / "gallery")
    background = plugins.make(ROOM, spec.format(picture=picture), gallery=gallery)
    behind = background.behind(frame(size))
    assert behind.shape == (size[1], size[0], 3)
    assert behind.dtype == np.uint8
    background.close()


@pytest.mark.parametrize("spec", ["color:aa0010", "none:", "gallery:dots", "image:{picture}"])
def test_what_was_given_does_not_change_when_the_size_does(
    spec: str, picture: Path, tmp_path: Path
) -> None:
    gallery = Gallery(tmp_path / "gallery")
    background = plugins.make(ROOM, spec.format(picture=picture), gallery=gallery)
    first = background.behind(frame((64, 48)))
    kept = first.copy()
    assert background.behind(frame((64, 48))) is first  # made once
    background.behind(frame((128, 96)))
    background.behind(frame((64, 48)))
    assert (first == kept).all()


def test_only_original_shows_the_room(tmp_path: Path) -> None:
    shown = {
        spec: plugins.make(ROOM, spec, gallery=Gallery(tmp_path)).shows_room
        for spec in ("color:", "none:", "original:", "blur:", "gallery:dots")
    }
    assert [spec for spec, shows in shown.items() if shows] == ["original:"]


def test_original_is_the_frame_itself() -> None:
    seen = frame()
    assert plugins.make(ROOM, "original:").behind(seen) is seen.image


def test_none_is_a_chequerboard() -> None:
    board = plugins.make(ROOM, "none:").behind(Frame(flat((0, 0, 0), (160, 90)), 0, 0))
    assert {int(level) for level in np.unique(board)} == {208, 255}
    assert (board[0, 0] != board[0, 2]).all()
    assert (board[0, 0] != board[2, 0]).all()
    assert (board[0, 0] == board[2, 2]).all()


def test_an_image_is_what_the_file_shows(picture: Path) -> None:
    assert near(plugins.make(ROOM, f"image:{picture}").behind(frame((320, 180))), RED, 0)


@pytest.mark.parametrize(
    ("spec", "error", "words"),
    [
        ("color:red", InputError, "six hexadecimal digits"),
        ("none:x", InputError, "nothing after it"),
        ("original:x", InputError, "nothing after it"),
        ("blur:20", InputError, "from 21"),
        ("blur:0", InputError, "from 21"),
        ("blur:-50", InputError, "from 21"),
        ("blur:256", InputError, "to 255"),
        ("blur:much", InputError, "whole number"),
        ("blur:2.5", InputError, "whole number"),
        ("image:", InputError, "wanted a path"),
        ("image:/nowhere/beach.jpg", InputError, "/nowhere/beach.jpg: no such file"),
        ("image:/", InputError, "not a file"),
        ("image:/dev/null", InputError, "not a file"),
        ("video:", InputError, "wanted a path"),
        ("video:/nowhere/clouds.mp4", InputError, "/nowhere/clouds.mp4: no such file"),
        ("gallery:nothing", UnknownName, "nothing"),
        ("gallery:../../etc/passwd", UnknownName, "no such upload"),
        ("wallpaper:", UnknownName, "blur, color, gallery, image, none, original, video"),
    ],
)
def test_a_bad_argument_is_refused_in_clear_words(
    spec: str, error: type[InputError], words: str, tmp_path: Path
) -> None:
    with pytest.raises(error) as refusal:
        plugins.make(ROOM, spec, gallery=Gallery(tmp_path))
    assert type(refusal.value) is error
    assert words in str(refusal.value)


def test_a_wrong_file_is_named_in_the_refusal(tmp_path: Path) -> None:
    path = tmp_path / "notes.jpg"
    path.write_text("milk, bread")
    with pytest.raises(UnsupportedInput, match=r"notes\.jpg: found text"):
        plugins.make(ROOM, f"image:{path}")
    path.write_bytes(b"")
    with pytest.raises(UndecodableInput, match=r"notes\.jpg: the file is empty"):
        plugins.make(ROOM, f"video:{path}")
