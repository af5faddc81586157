from __future__ import annotations

import threading

import numpy as np
import pytest

from edge.slate import slate

LONG = "The camera at /dev/video0 stopped sending pictures. Plug it in again. " * 12


@pytest.mark.parametrize(
    ("size", "shape"),
    [
        ((1280, 720), (720, 1280, 3)),
        ((641, 361), (362, 642, 3)),
        ((90, 160), (160, 90, 3)),
        ((1, 1), (2, 2, 3)),
        ((16, 2000), (2000, 16, 3)),
    ],
)
def test_has_the_size_asked_for_made_even(
    size: tuple[int, int], shape: tuple[int, int, int]
) -> None:
    picture = slate(size, "Camera lost", LONG)
    assert picture.shape == shape
    assert picture.dtype == np.uint8
    assert picture.flags.c_contiguous


def ink(picture: np.ndarray) -> np.ndarray:
    """Where words are: brighter than the ground ever is."""
    return np.asarray(picture.max(axis=2) > 90)


def test_the_words_stand_in_the_middle_and_leave_the_margins_free() -> None:
    words = ink(slate((1280, 720), "Camera lost", LONG))
    rows, columns = np.flatnonzero(words.any(axis=1)), np.flatnonzero(words.any(axis=0))
    assert columns[0] >= 126
    assert columns[-1] <= 1280 - 126
    assert abs((rows[0] + rows[-1]) / 2 - 360) < 60
    assert rows[0] > 100


def test_other_words_make_another_picture() -> None:
    first = slate((640, 360), "Camera lost", "Plug it in again.")
    assert (first != slate((640, 360), "Camera lost", "It is busy.")).any()
    assert (first != slate((640, 360), "Model lost", "Plug it in again.")).any()


def test_a_word_wider_than_the_picture_is_cut_not_lost() -> None:
    words = ink(slate((320, 240), "Model", "sha256:" + "0123456789abcdef" * 8))
    columns = np.flatnonzero(words.any(axis=0))
    assert columns[0] >= 30
    assert columns[-1] <= 290


@pytest.mark.parametrize("title", ["Камера потеряна", "相机丢失", "Κάμερα", "Gerät weg – «warte»"])
def test_other_scripts_are_drawn_not_questioned(title: str) -> None:
    questioned = "".join("?" if ord(sign) > 127 else sign for sign in title)
    assert (slate((640, 360), title, "") != slate((640, 360), questioned, "")).any()


@pytest.mark.parametrize("text", ["", "\0\x1b[31m", "a\nb\tc\u202ed", "🙂" * 50, "\ud800", " "])
def test_no_text_breaks_it(text: str) -> None:
    assert slate((320, 180), text, text).shape == (180, 320, 3)


def test_the_same_words_are_drawn_once_and_cannot_be_painted_over() -> None:
    picture = slate((640, 360), "Starting", "")
    assert slate((640, 360), "Starting", "") is picture
    with pytest.raises(ValueError, match="read-only"):
        picture[0, 0] = 0


def test_threads_may_draw_at_the_same_time() -> None:
    wanted = [slate.__wrapped__((320, 180), f"Slate {i}", LONG) for i in range(8)]
    drawn: dict[int, np.ndarray] = {}

    def draw(i: int) -> None:
        drawn[i] = slate.__wrapped__((320, 180), f"Slate {i}", LONG)

    threads = [threading.Thread(target=draw, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all((drawn[i] == wanted[i]).all() for i in range(8))
