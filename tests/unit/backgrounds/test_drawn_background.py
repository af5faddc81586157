from __future__ import annotations

import threading

import numpy as np

from edge.backgrounds._drawn import LARGE, SIZE, Drawn
from edge.frame import Frame
from tests.unit.fakes import eventually


def frame(width: int, height: int) -> Frame:
    return Frame(np.zeros((height, width, 3), np.uint8), 0, 0)


def test_frames_of_the_usual_size_are_drawn_for_once_and_exactly() -> None:
    drawn = []

    def draw(size: tuple[int, int]) -> np.ndarray:
        drawn.append(size)
        return np.full((size[1], size[0], 3), len(drawn), np.uint8)

    background = Drawn(draw)
    assert (background.behind(frame(1280, 720)) == 1).all()
    assert background.behind(frame(640, 480)).shape == (480, 640, 3)
    assert drawn == [SIZE]


def test_a_larger_frame_has_it_drawn_larger_and_does_not_wait_for_that() -> None:
    begun, leave = threading.Event(), threading.Event()

    def draw(size: tuple[int, int]) -> np.ndarray:
        if size == LARGE:
            begun.set()
            leave.wait(10)
        return np.full((size[1], size[0], 3), 2 if size == LARGE else 1, np.uint8)

    background, large = Drawn(draw), frame(1920, 1080)
    assert (background.behind(large) == 1).all()
    assert begun.wait(10)
    assert (background.behind(large) == 1).all()
    leave.set()
    eventually(lambda: (background.behind(large) == 2).all())
