"""The GStreamer source: on a played GStreamer, and on the real one where it is installed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from edge import plugins
from edge.catalog import public_id
from edge.errors import InputError, NoGStreamer, SourceError
from edge.frame import Frame
from edge.gst import gstreamer as real
from edge.sources import Granted
from edge.sources import gstreamer as kind

SIZE = (5, 4)  # rows of 15 bytes, which GStreamer pads to 16


class Buffer:
    def __init__(self, data: bytes) -> None:
        self._data = data

    def get_size(self) -> int:
        return len(self._data)

    def extract_dup(self, start: int, count: int) -> bytes:
        return self._data[start : start + count]


class Sample:
    """A picture of one grey, and its caps."""

    def __init__(self, level: int, rate: tuple[bool, int, int] = (True, 30, 1)) -> None:
        width, height = SIZE
        rows = np.full((height, (3 * width + 3) & ~3), 255, np.uint8)
        rows[:, : 3 * width] = level
        self.data = rows.tobytes()
        self.rate = rate

    def get_caps(self) -> Sample:
        return self

    def get_structure(self, index: int) -> Sample:
        return self

    def get_value(self, name: str) -> int:
        return SIZE[("width", "height").index(name)]

    def get_fraction(self, name: str) -> tuple[bool, int, int]:
        return self.rate

    def get_buffer(self) -> Buffer:
        return Buffer(self.data)


class Error(RuntimeError):
    @property
    def message(self) -> str:
        return str(self)


class Played:
    """Plays the parts of GStreamer that are used: its module, a pipeline, a bus and a sink."""

    SECOND = 10**9

    class State:
        PLAYING, NULL = "PLAYING", "NULL"

    class MessageType:
        ERROR = "ERROR"

    def __init__(self, *samples: Sample | None) -> None:
        self.samples: Iterator[Sample | None] = iter(samples)
        self.states: list[str] = []
        self.described = ""
        self.fails = ""
        self.eos = False

    def parse_launch(self, description: str) -> Played:
        self.described = description
        return self

    def set_state(self, state: str) -> None:
        self.states.append(state)

    def get_by_name(self, name: str) -> Played:
        assert f"name={name}" in self.described
        return self

    def emit(self, signal: str, timeout_ns: int) -> Sample | None:
        assert signal == "try-pull-sample"
        assert timeout_ns < Played.SECOND  # ``close`` is noticed
        return next(self.samples, None)

    def get_bus(self) -> Played:
        return self

    def pop_filtered(self, kind: str) -> Played | None:
        return self if self.fails else None

    @property
    def src(self) -> Played:
        return self

    def get_name(self) -> str:
        return "camera0"

    def parse_error(self) -> tuple[Error, str]:
        return Error(self.fails), "and details"

    def get_property(self, name: str) -> bool:
        assert name == "eos"
        return self.eos


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch) -> Any:
    def start(*samples: Sample | None) -> Played:
        played = Played(*samples)
        monkeypatch.setattr(kind, "gstreamer", lambda: played)
        return played

    return start


def source(pipeline: str = "fakesrc") -> Any:
    return plugins.make("edge.sources", f"gstreamer:{pipeline}")


def test_pictures_come_without_the_padding_of_their_rows(play: Any) -> None:
    played = play(Sample(10), None, Sample(20))
    made = source()
    frames = iter(made)
    first: Frame = next(frames)
    second: Frame = next(frames)
    assert first.image.shape == (4, 5, 3)
    assert first.image.flags.c_contiguous
    assert set(first.image.ravel()) == {10}
    assert set(second.image.ravel()) == {20}
    assert (first.index, second.index) == (0, 1)
    assert first.captured_ns <= second.captured_ns
    assert made.granted == Granted(5, 4, 30.0)
    made.close()
    assert list(frames) == []
    assert played.states == ["PLAYING", "NULL"]


def test_a_rate_that_varies_is_none(play: Any) -> None:
    play(Sample(10, (True, 0, 1)))
    made = source()
    next(iter(made))
    assert made.granted == Granted(5, 4, None)


@pytest.mark.parametrize(
    ("pipeline", "ends"),
    [
        ("v4l2src", "v4l2src ! videoconvert ! video/x-raw,format=RGB ! appsink"),
        ("nvarguscamerasrc", "nvarguscamerasrc ! nvvidconv ! video/x-raw,format=BGRx ! videoconv"),
        ("a ! video/x-raw(memory:NVMM)", "NVMM) ! nvvidconv ! video/x-raw,format=BGRx ! videoconv"),
        ("nvarguscamerasrc ! nvvidconv flip-method=2", "flip-method=2 ! videoconvert ! video"),
    ],
)
def test_what_is_missing_on_the_way_is_added(play: Any, pipeline: str, ends: str) -> None:
    played = play(Sample(1))
    next(iter(source(pipeline)))
    assert ends in played.described
    assert "max-buffers=1 drop=true" in played.described


def test_a_fault_is_told_with_its_element_and_without_a_password(play: Any) -> None:
    played = play(Sample(1))
    played.fails = "cannot open rtsp://user:secret@host/live"
    frames = iter(source("rtspsrc location=rtsp://user:secret@host/live"))
    next(frames)
    with pytest.raises(SourceError, match="GStreamer rtspsrc: camera0: cannot open") as raised:
        next(frames)
    assert "secret" not in str(raised.value)
    assert played.states[-1] == "NULL"


def test_the_end_of_a_pipeline_is_told(play: Any) -> None:
    play().eos = True
    with pytest.raises(SourceError, match="come to its end"):
        next(iter(source()))


def test_silence_is_an_error(play: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    play(Sample(1))
    monkeypatch.setattr(kind, "SILENCE_S", 0.0)
    frames = iter(source())
    next(frames)
    with pytest.raises(SourceError, match="no picture came"):
        for _ in frames:
            pass


def test_a_picture_that_is_too_short_is_refused(play: Any) -> None:
    sample = Sample(1)
    sample.data = sample.data[:-1]
    play(sample)
    with pytest.raises(SourceError, match="63 bytes for 5x4"):
        next(iter(source()))


def test_without_gstreamer_it_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> Any:
        raise NoGStreamer("no GStreamer for this Python: Run sudo apt-get install python3-gi")

    monkeypatch.setattr(kind, "gstreamer", missing)
    with pytest.raises(SourceError, match="apt-get install python3-gi"):
        next(iter(source()))


@pytest.mark.parametrize("pipeline", ["", "! videoconvert", "a ! appsink", "a\nb"])
def test_what_is_no_pipeline_is_refused(pipeline: str) -> None:
    with pytest.raises(InputError):
        source(pipeline)


def test_what_viewers_see_of_it_is_its_first_element() -> None:
    spec = "gstreamer:rtspsrc user-pw=secret ! decodebin"
    assert public_id(spec) == "gstreamer:rtspsrc"
    assert source(spec.partition(":")[2]).label == "GStreamer rtspsrc"


@pytest.fixture(scope="module")
def _installed() -> None:
    try:
        real()
    except NoGStreamer as error:
        pytest.skip(str(error))


@pytest.mark.usefixtures("_installed")
@pytest.mark.parametrize("size", [(320, 180), (322, 182)])
def test_the_real_one_gives_pictures_of_the_size_that_was_asked(size: tuple[int, int]) -> None:
    width, height = size
    caps = f"video/x-raw,width={width},height={height},framerate=20/1"
    made = source(f"videotestsrc is-live=true pattern=red ! {caps}")
    frames = iter(made)
    found = [next(frames) for _ in range(3)]
    assert [frame.size for frame in found] == [size] * 3
    assert np.abs(found[-1].image.astype(int) - (255, 0, 0)).max() < 8
    assert made.granted == Granted(width, height, 20.0)
    made.close()
    assert list(frames) == []


@pytest.mark.usefixtures("_installed")
@pytest.mark.parametrize(
    ("pipeline", "words"),
    [
        ("nosuchsrc", "no such pipeline.*nosuchsrc"),
        ("filesrc location=/nonexistent ! decodebin", "filesrc0"),
        ("audiotestsrc", "no such pipeline|not-negotiated"),
    ],
)
def test_the_real_one_says_what_is_wrong(pipeline: str, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        next(iter(source(pipeline)))
