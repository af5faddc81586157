"""One encoder in its thread: the newest picture, key frames in time, another if it fails."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from edge.encoders import Wanted
from edge.errors import EncoderError
from edge.webrtc.sharing import rendition as module
from edge.webrtc.sharing.keyframes import KeyframeGate
from edge.webrtc.sharing.packets import Picture
from edge.webrtc.sharing.rendition import Clock, Key, Rendition
from edge.webrtc.view import View
from tests.unit.webrtc.sharing.stand import FakeEncoders, Time, composite, growing

MS = 10**6


class Heard:
    """What a rendition tells."""

    def __init__(self) -> None:
        self.pictures: list[Picture] = []
        self.seconds: list[float] = []
        self.error: EncoderError | None = None
        self._changed = threading.Condition()

    def coded(self, picture: Picture, seconds: float) -> None:
        with self._changed:
            self.pictures.append(picture)
            self.seconds.append(seconds)
            self._changed.notify_all()

    def ended(self, error: EncoderError) -> None:
        with self._changed:
            self.error = error
            self._changed.notify_all()

    def wait(self, pictures: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.pictures) >= pictures, 20)

    def wait_for_the_end(self) -> EncoderError:
        with self._changed:
            assert self._changed.wait_for(lambda: self.error is not None, 20)
        assert self.error is not None
        return self.error


class Stage:
    def __init__(self) -> None:
        self.encoders = FakeEncoders()
        self.heard = Heard()
        self.time = Time()
        self.made: list[Rendition] = []

    def rendition(self, key: Key = Key("VP8"), aim_bps: int = 1_000_000) -> Rendition:  # noqa: B008
        wanted = Wanted(0, 0, 0, aim_bps, 4_000_000)
        gate = KeyframeGate(self.time)
        self.made.append(Rendition(key, self.encoders, self.heard, wanted, gate))
        return self.made[-1]


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    monkeypatch.setattr(module, "REPEAT_S", 30.0)  # nothing is repeated unless a test wants it
    made = Stage()
    yield made
    for rendition in made.made:
        rendition.close()
        rendition._thread.join(10)
        assert not rendition._thread.is_alive()


def test_the_first_picture_is_a_key_frame_and_the_next_is_not(stage: Stage) -> None:
    rendition = stage.rendition()
    for index in range(3):
        rendition.show(composite(50 + index, 40 * index))
        stage.heard.wait(index + 1)
    assert [picture.keyframe for picture in stage.heard.pictures] == [True, False, False]
    assert (rendition.pictures, rendition.keyframes, rendition.octets) == (3, 1, 6)
    assert (rendition.encoder, rendition.size) == ("fake1", (64, 48))
    assert min(stage.heard.seconds) > 0


def test_a_slow_encoder_gets_the_newest_picture_and_nothing_waits(stage: Stage) -> None:
    rendition = stage.rendition()
    rendition.show(composite(10))
    stage.heard.wait(1)
    encoder = stage.encoders.opened[0]
    encoder.hold.clear()
    for index in range(1, 100):
        rendition.show(composite(10 + index, 10 * index))
    encoder.hold.set()
    stage.heard.wait(2)
    assert len(stage.heard.pictures) <= 3
    stage.heard.wait(len(encoder.shades))
    assert encoder.shades[-1] == max(encoder.shades)


def test_the_time_between_pictures_is_that_of_their_capture(stage: Stage) -> None:
    rendition = stage.rendition()
    for index, captured_ms in enumerate((5000, 5040, 5120)):
        rendition.show(composite(10, captured_ms))
        stage.heard.wait(index + 1)
    first, second, third = (picture.ticks for picture in stage.heard.pictures)
    assert (second - first, third - second) == (40 * 90, 80 * 90)


def test_time_always_grows_whatever_the_source_does() -> None:
    clock = Clock()
    stamps = [5000, 5040, 5040, 4000, 5041, 90_000, 5050]
    assert growing([clock.ticks(captured_ms * MS) for captured_ms in stamps])


def test_a_still_picture_comes_again_with_time_going_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "REPEAT_S", 0.05)
    rendition = stage.rendition()
    rendition.show(composite(10, 7000))
    stage.heard.wait(3)
    first, second, third = (picture.ticks for picture in stage.heard.pictures[:3])
    assert min(second - first, third - second) >= 0.04 * 90_000


def test_a_key_frame_of_a_still_picture_does_not_wait_for_the_next(stage: Stage) -> None:
    rendition = stage.rendition()
    rendition.show(composite(10))
    stage.heard.wait(1)
    stage.time.now_s += 1
    began_s = time.monotonic()
    rendition.ask_for_keyframe()
    stage.heard.wait(2)
    assert time.monotonic() - began_s < 20  # and not the 30 s after which it comes again
    assert stage.heard.pictures[1].keyframe


def test_every_second_picture_at_half_its_size_is_the_small_one(stage: Stage) -> None:
    rendition = stage.rendition(Key("VP8", divisor=2))
    rendition.show(composite(10, 0))
    stage.heard.wait(1)
    for index in range(1, 9):
        rendition.show(composite(10 + index, 40 * index))
        if index % 2 == 0:
            stage.heard.wait(1 + index // 2)
    assert stage.encoders.opened[0].wanted.width == 32
    assert stage.encoders.opened[0].wanted.fps == 15
    assert len(stage.heard.pictures) == 5


def test_another_size_gets_an_encoder_of_its_own_and_begins_with_a_key_frame(stage: Stage) -> None:
    rendition = stage.rendition()
    rendition.show(composite(10, 0))
    stage.heard.wait(1)
    rendition.show(composite(10, 40, (32, 32)))
    stage.heard.wait(2)
    assert [e.wanted.width for e in stage.encoders.opened] == [64, 32]
    assert stage.encoders.opened[0].closed
    assert stage.heard.pictures[1].keyframe


def test_a_worthwhile_change_of_bitrate_reaches_the_encoder_and_a_small_one_does_not(
    stage: Stage,
) -> None:
    rendition = stage.rendition(aim_bps=1_000_000)
    for index, bps in enumerate((1_000_000, 1_020_000, 2_000_000, 2_000_000, 900_000)):
        rendition.aim(bps, 4_000_000)
        rendition.show(composite(10, 40 * index))
        stage.heard.wait(index + 1)
    assert stage.encoders.opened[0].aims == [2_000_000, 900_000]


def test_an_encoder_that_changes_bitrate_at_key_frames_only_gets_one(stage: Stage) -> None:
    stage.encoders = FakeEncoders(restarts=True)
    rendition = stage.rendition()
    rendition.show(composite(10, 0))
    stage.heard.wait(1)
    rendition.aim(3_000_000, 4_000_000)
    rendition.show(composite(10, 40))
    stage.heard.wait(2)
    assert not stage.heard.pictures[1].keyframe  # half a second has not passed
    stage.time.now_s += 0.6
    rendition.show(composite(10, 80))
    stage.heard.wait(3)
    assert stage.heard.pictures[2].keyframe


def test_when_an_encoder_gives_up_another_goes_on_with_a_key_frame(stage: Stage) -> None:
    rendition = stage.rendition()
    rendition.show(composite(10, 0))
    stage.heard.wait(1)
    stage.encoders.opened[0].fault = "session lost"
    rendition.show(composite(11, 40))
    while len(stage.encoders.opened) < 2 or len(stage.heard.pictures) < 2:
        rendition.show(composite(12, 80))
        time.sleep(0.01)
    assert stage.encoders.faults == ["fake1: session lost"]
    assert stage.encoders.opened[0].closed
    assert stage.heard.pictures[1].keyframe
    assert rendition.encoder == "fake2"


def test_when_no_encoder_is_left_it_ends_and_says_so(stage: Stage) -> None:
    stage.encoders.broken = True
    stage.rendition().show(composite(10))
    assert "no encoder works here" in str(stage.heard.wait_for_the_end())


def test_whatever_breaks_in_the_thread_is_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "to_i420", lambda image, divisor: 1 / 0)
    stage.rendition().show(composite(10))
    error = stage.heard.wait_for_the_end()
    assert "ZeroDivisionError" in str(error)
    assert isinstance(error.__cause__, ZeroDivisionError)


def test_its_view_may_change_while_it_runs(stage: Stage) -> None:
    rendition = stage.rendition(Key("VP8", View("split", 0.0)))
    rendition.show(composite(20, 0))
    stage.heard.wait(1)
    rendition.key = Key("VP8", View("split", 1.0))
    rendition.show(composite(20, 40))
    stage.heard.wait(2)
    before, after = stage.encoders.opened[0].shades
    assert before < 60
    assert after > 180
    assert len(stage.encoders.opened) == 1
