"""``demo:`` shows the clip, and a drawn presenter where and while there is none."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import av
import numpy as np
import pytest

from edge.drawn import presenter
from edge.errors import InputError, ModelMissing
from edge.frame import Frame, Rgb
from edge.media.clips import to_rgb
from edge.sources import bars, demo
from edge.sources._kept_clip import KeptClip
from tests.unit.sources.conftest import MakeClip


class FakeZoo:
    """Gives ``answer`` once ``allowed``."""

    def __init__(self, answer: Path | Exception, allowed: bool = True) -> None:
        self.answer = answer
        self.allowed = threading.Event()
        if allowed:
            self.allowed.set()

    def path(self, asset_id: str) -> Path:
        assert asset_id == "videobgremover-demo"
        assert self.allowed.wait(30)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def drawn(frame: Frame) -> bool:
    """Whether it is the drawn presenter's picture of that index."""
    return np.array_equal(frame.image, presenter.paint(frame.index, demo.SIZE)[0])


def first_that(frames: Iterator[Frame], holds: Callable[[Frame], bool]) -> Frame:
    return next(frame for frame in islice(frames, 600) if holds(frame))


@pytest.fixture
def clip(make_clip: MakeClip) -> Path:
    return make_clip("demo.mp4", size=(1080, 1920), count=3)


def test_shows_the_clip_widened_to_a_landscape(clip: Path) -> None:
    source = demo.make("", zoo=FakeZoo(clip))
    frame = first_that(iter(source), lambda frame: not drawn(frame))
    assert frame.size == demo.SIZE
    assert source.note == ""
    assert source.granted is not None
    assert (source.granted.width, source.granted.height) == demo.SIZE


def test_a_clip_that_is_kept_shows_the_same_again(make_clip: MakeClip) -> None:
    decoded = 0

    def to_image(picture: av.VideoFrame) -> Rgb:
        nonlocal decoded
        decoded += 1
        return to_rgb(picture)

    frames = list(islice(KeptClip(make_clip(count=5), to_image), 13))
    assert [bars.read_index(frame.image) for frame in frames] == [i % 5 for i in range(13)]
    assert decoded == 5
    difference = np.abs(frames[0].image.astype(int) - frames[5].image)
    assert difference.mean() < 3
    assert frames[5].image.flags.c_contiguous


def test_a_presenter_stands_in_while_the_clip_is_fetched(clip: Path) -> None:
    zoo = FakeZoo(clip, allowed=False)
    source = demo.make("", zoo=zoo)
    frames = iter(source)
    read = list(islice(frames, 3))
    assert all(drawn(frame) for frame in read)
    assert "being fetched" in source.note
    zoo.allowed.set()
    for frame in islice(frames, 600):
        read.append(frame)
        if not drawn(frame):
            break
    assert source.note == ""
    assert [frame.index for frame in read] == list(range(len(read)))


def test_a_presenter_stands_in_where_the_clip_cannot_be_had(
    caplog: pytest.LogCaptureFixture,
) -> None:
    source = demo.make("", zoo=FakeZoo(ModelMissing("no network: copy the file to X")))
    frames = list(islice(source, 15))
    assert all(drawn(frame) for frame in frames)
    assert source.note == f"{demo.MISSING}: a drawn presenter stands in."  # short, for the page
    assert "no network: copy the file to X" in caplog.text  # all of it, for the operator


def test_a_presenter_stands_in_for_a_clip_that_does_not_play(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"nothing")
    source = demo.make("", zoo=FakeZoo(broken))
    assert len(list(islice(source, 15))) == 15
    assert "does not play" in source.note


def test_works_without_a_zoo() -> None:
    source = demo.make("")
    assert drawn(next(iter(source)))
    assert "could not be fetched" in source.note


@pytest.mark.parametrize("allowed", [True, False])
def test_close_ends_the_clip_and_the_presenter(clip: Path, allowed: bool) -> None:
    zoo = FakeZoo(clip, allowed)
    source = demo.make("", zoo=zoo)
    frames = iter(source)
    list(islice(frames, 4))
    source.close()
    assert len(list(frames)) <= 1
    zoo.allowed.set()


def test_takes_no_argument() -> None:
    with pytest.raises(InputError, match="demo: alone"):
        demo.make("clip.mp4")
