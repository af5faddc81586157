"""``auto:`` takes the first camera that works, else the demo, and does not swap back on a loss."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import islice

import numpy as np
import pytest

from edge.errors import InputError, SourceError
from edge.frame import Frame
from edge.sources import Granted, auto
from edge.sources.auto import Auto
from edge.v4l2 import Camera


class Fake:
    """A source that gives ``count`` frames at 100 fps and then breaks; 0 never opens."""

    def __init__(self, spec: str, count: int) -> None:
        self.label = spec
        self.note = ""
        self.granted: Granted | None = None
        self.closed = False
        self._count = count

    def __iter__(self) -> Iterator[Frame]:
        for index in range(self._count):
            if self.closed:
                return
            time.sleep(0.01)
            yield Frame(np.zeros((2, 2, 3), np.uint8), index, time.monotonic_ns())
        raise SourceError(f"{self.label} is gone")

    def close(self) -> None:
        self.closed = True


class Machine:
    """What is plugged in, and how long each works."""

    def __init__(self, **works: int) -> None:
        self.works = works
        self.made: list[Fake] = []

    def find(self) -> list[Camera]:
        return [Camera(f"/dev/{name}", None, name, ()) for name in self.works]

    def make(self, spec: str) -> Fake:
        count = 1_000_000 if spec == "demo:" else self.works[spec.rpartition("/")[2]]
        self.made.append(Fake(spec, count))
        return self.made[-1]


def source_of(machine: Machine) -> Auto:
    return Auto(machine.make, machine.find)


def read_until(frames: Iterator[Frame], done: Callable[[], bool]) -> list[Frame]:
    read = []
    for frame in frames:
        read.append(frame)
        assert len(read) < 2000
        if done():
            break
    return read


def test_takes_the_first_camera_that_gives_a_picture() -> None:
    source = source_of(Machine(video0=0, video2=100, video4=100))
    assert [frame.index for frame in islice(source, 5)] == [0, 1, 2, 3, 4]
    assert source.label == "camera:/dev/video2"
    assert source.note == ""


def test_a_loopback_device_is_never_taken_nor_when_it_appears_under_the_demo(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("edge.sources.auto.LOOK_S", 0.0)
    machine = Machine()
    looks: list[int] = []

    def find() -> list[Camera]:
        looks.append(1)
        own = Camera("/dev/video10", None, "Edge Matting", (), loopback=True)
        return [own] if len(looks) != 1 else []  # this service begins to publish to it

    source = Auto(machine.make, find)
    read_until(iter(source), lambda: len(looks) > 3)
    assert [fake.label for fake in machine.made] == ["demo:"]


def test_without_a_camera_it_shows_the_demo_and_says_so() -> None:
    source = source_of(Machine())
    next(iter(source))
    assert source.label == "demo:"
    assert source.note == "No camera found: showing the demo. Plug one in, and it is taken."


def test_with_cameras_that_all_fail_it_says_why() -> None:
    source = source_of(Machine(video0=0))
    next(iter(source))
    assert source.label == "demo:"
    assert "camera:/dev/video0 is gone" in source.note


def test_a_camera_plugged_in_later_takes_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auto, "LOOK_S", 0.05)
    machine = Machine()
    source = source_of(machine)
    frames = iter(source)
    read = [next(frames)]
    machine.works["video0"] = 10_000
    read += read_until(frames, lambda: source.label == "camera:/dev/video0")
    read += islice(frames, 3)
    assert [frame.index for frame in read] == list(range(len(read)))
    assert source.note == ""


def test_a_broken_camera_plugged_in_later_leaves_the_demo_running(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(auto, "LOOK_S", 0.05)
    machine = Machine()
    source = source_of(machine)
    frames = iter(source)
    next(frames)
    machine.works["video0"] = 0
    read_until(frames, lambda: len(machine.made) > 1)
    assert len(list(islice(frames, 30))) == 30
    assert source.label == "demo:"
    assert len(machine.made) == 2  # the same camera is not tried again and again


def test_a_camera_that_is_lost_is_an_error_and_not_the_demo() -> None:
    machine = Machine(video0=3)
    source = source_of(machine)
    with pytest.raises(SourceError, match="video0 is gone"):
        list(source)
    del machine.works["video0"]
    with pytest.raises(SourceError, match="unplugged. Plug it in again"):
        list(source)
    assert all(made.label != "demo:" for made in machine.made)
    machine.works["video1"] = 100  # it may come back under another number
    assert next(iter(source)).index == 0
    assert source.label == "camera:/dev/video1"


def test_close_reaches_the_source_in_use() -> None:
    machine = Machine()
    source = source_of(machine)
    frames = iter(source)
    next(frames)
    source.close()
    assert list(frames) == []
    assert machine.made[-1].closed


def test_closed_before_it_was_opened_gives_nothing() -> None:
    source = source_of(Machine(video0=100))
    source.close()
    assert list(source) == []


def test_takes_no_argument() -> None:
    with pytest.raises(InputError, match="auto: alone"):
        auto.make("/dev/video0")
