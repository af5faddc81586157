"""``browser:`` waits for a guest without complaint, and notices one who falls silent or leaves."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from queue import Queue

import numpy as np
import pytest

from edge.errors import InputError, SourceEnded, SourceError
from edge.frame import Frame, Rgb
from edge.sources import Granted
from edge.sources.browser import Browser, make


def picture(value: int = 0) -> Rgb:
    return np.full((48, 64, 3), value, np.uint8)


class Reader:
    """A capture thread: collects frames, and how the iteration ended."""

    def __init__(self, source: Browser) -> None:
        self.frames: Queue[Frame] = Queue()
        self.error: Exception | None = None
        self._source = source
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        try:
            for frame in self._source:
                self.frames.put(frame)
        except SourceError as error:
            self.error = error

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def ended(self) -> Exception | None:
        self._thread.join(20)
        assert not self.alive
        return self.error


@pytest.fixture
def source() -> Iterator[Browser]:
    source = make("")
    yield source
    source.close()


def until_taken(reader: Reader, push: Callable[[], None]) -> Frame:
    """Push until the capture thread, which may just be starting, has a frame."""
    deadline_s = time.monotonic() + 20
    while reader.frames.empty():
        assert time.monotonic() < deadline_s
        push()
        time.sleep(0.01)
    return reader.frames.get()


def test_gives_what_the_guest_pushes(source: Browser) -> None:
    reader = Reader(source)
    image = picture(7)
    frame = until_taken(reader, lambda: source.push(image))
    assert frame.image is image
    assert source.granted == Granted(64, 48)
    assert source.label == "your browser's camera"


def test_waits_for_the_guest_longer_than_silence_lasts(source: Browser) -> None:
    reader = Reader(source)
    time.sleep(1.2)
    assert reader.alive


def test_silence_after_the_first_frame_is_an_error(source: Browser) -> None:
    reader = Reader(source)
    until_taken(reader, lambda: source.push(picture()))
    error = reader.ended()
    assert isinstance(error, SourceError)
    assert not isinstance(error, SourceEnded)
    assert "fell silent" in str(error)


def test_a_guest_who_leaves_ends_it_and_another_may_come(source: Browser) -> None:
    reader = Reader(source)
    until_taken(reader, lambda: source.push(picture()))
    source.leave()
    assert isinstance(reader.ended(), SourceEnded)
    second = Reader(source)
    assert until_taken(second, lambda: source.push(picture(9))).image[0, 0, 0] == 9


def test_frames_of_a_guest_before_are_not_shown_to_the_next(source: Browser) -> None:
    source.push(picture(1))
    reader = Reader(source)
    time.sleep(0.2)
    assert reader.frames.empty()
    assert until_taken(reader, lambda: source.push(picture(2))).image[0, 0, 0] == 2


def test_close_ends_the_wait_without_an_error() -> None:
    source = make("")
    reader = Reader(source)
    time.sleep(0.1)
    source.close()
    source.close()
    assert reader.ended() is None
    source.push(picture())  # the guest may not know yet
    assert list(source) == []


def test_takes_no_argument() -> None:
    with pytest.raises(InputError, match="browser: alone"):
        make("/dev/video0")
