"""``presenter:`` and ``bars:`` keep their pace, count, and take options."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from itertools import islice

import cv2
import numpy as np
import pytest

from edge.drawn import figure
from edge.drawn.presenter import paint, parts
from edge.errors import InputError
from edge.sources import Granted, bars, presenter
from edge.sources._drawn import Drawn


def test_bars_carry_their_index_through_scaling_and_jpeg() -> None:
    for index in (0, 1, 1000, 4095):
        picture = cv2.resize(bars.paint(index), (640, 160))
        coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 40])[1]
        assert bars.read_index(np.asarray(cv2.imdecode(coded, 1), np.uint8)) == index


def test_bars_come_in_order_at_their_pace() -> None:
    begin_ns = time.monotonic_ns()
    frames = list(islice(bars.make("?fps=50&size=640x480"), 20))
    assert [bars.read_index(frame.image) for frame in frames] == list(range(20))
    assert frames[0].size == (640, 480)
    assert frames[-1].captured_ns - begin_ns >= 0.38e9  # late on a busy machine, never early


def test_the_presenter_takes_size_rate_and_room() -> None:
    source = presenter.make("?size=320x180&fps=60&room=ff00ff")
    first, *_, last = islice(source, 4)
    assert source.granted == Granted(320, 180, 60.0)
    assert np.array_equal(last.image, paint(3, (320, 180), (255, 0, 255), 60)[0])
    assert first.image[0, 0].tolist() == [255, 0, 255]


@pytest.mark.parametrize("make", [bars.make, presenter.make])
def test_close_ends_the_wait(make: Callable[[str], Drawn]) -> None:
    source = make("?fps=0.1")
    frames = iter(source)
    next(frames)
    closer = threading.Timer(0.1, source.close)
    closer.start()
    begin_s = time.monotonic()
    assert list(frames) == []
    assert time.monotonic() - begin_s < 5
    closer.join()


def test_close_does_not_wait_for_the_whole_first_picture() -> None:
    made: list[str] = []
    source = Drawn("drawn", bars.paint, Granted(640, 480, 30.0, None), [
        lambda: made.append("arm"), lambda: source.close(), lambda: made.append("room"),
    ])  # fmt: skip
    assert list(source) == []
    assert made == ["arm"]


def test_the_presenters_parts_are_all_that_its_first_picture_waits_for() -> None:
    for part in parts((322, 182), None):
        part()
    before = figure.head.cache_info().misses, figure.body.cache_info().misses
    paint(0, (322, 182), None, 30)
    assert (figure.head.cache_info().misses, figure.body.cache_info().misses) == before


@pytest.mark.parametrize("argument", ["x", "?speed=1", "?size=big", "?fps=-1", "?size=64x64"])
def test_bars_refuse_what_is_malformed(argument: str) -> None:
    with pytest.raises(InputError):
        bars.make(argument)


@pytest.mark.parametrize("argument", ["x", "?speed=1", "?size=1x1", "?room=red", "?room=ff00f"])
def test_the_presenter_refuses_what_is_malformed(argument: str) -> None:
    with pytest.raises(InputError):
        presenter.make(argument)


def test_a_source_that_was_held_up_does_not_hurry() -> None:
    frames = iter(bars.make("?fps=20"))
    next(frames)
    time.sleep(1.0)  # twenty frames
    begin_s = time.monotonic()
    list(islice(frames, 5))
    assert time.monotonic() - begin_s > 0.15  # four waits of 0.05 s, not a burst
