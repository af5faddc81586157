"""Sources and models that do as told: no viewer sees the room, whatever breaks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import edge.pipeline
from edge.backgrounds import color, original
from edge.controls import MatteControls
from edge.errors import ModelError, ModelLoading
from edge.frame import Composite, Frame, Matte
from edge.inference import prepared
from edge.look import Look
from edge.pipeline import Pipeline
from tests.unit.fakes import ROOM, FakeModel, FakeSource, eventually, room_with_person

IMAGE, ALPHA = room_with_person()
GREEN = color.make("00ff00")
PLAIN = MatteControls(upsampling="linear", temporal=0, presence=False, foreground_estimation=False)


def right() -> np.ndarray:
    return ALPHA


class Screen:
    """What the viewers were shown."""

    def __init__(self) -> None:
        self.shown: list[Composite] = []

    def __call__(self, composite: Composite) -> None:
        self.shown.append(composite)

    @property
    def matted(self) -> list[Composite]:
        return [composite for composite in self.shown if composite.slate is None]

    def leaks(self) -> list[float]:
        """Of each picture, the part outside the person that shows the room's colour."""
        outside = ALPHA == 0
        parts = []
        for composite in self.shown:
            if composite.image.shape != IMAGE.shape:
                continue
            distance = np.abs(composite.image.astype(int) - ROOM).max(axis=2)
            parts.append(float((distance[outside] < 40).mean()))
        return parts


Run = Callable[..., tuple[Pipeline, Screen]]


@pytest.fixture
def run() -> Iterator[Run]:
    running: list[Pipeline] = []

    def begin(source: FakeSource, model: Any, **look: Any) -> tuple[Pipeline, Screen]:
        screen = Screen()
        shown = Look(model, look.pop("background", GREEN), look.pop("controls", PLAIN), **look)
        pipeline = Pipeline(source, shown, screen)
        running.append(pipeline)
        pipeline.start()
        return pipeline, screen

    yield begin
    for pipeline in running:
        assert pipeline.stop()


def test_the_person_stands_before_the_background(run: Run) -> None:
    _, screen = run(FakeSource(), FakeModel(right))
    eventually(lambda: screen.matted)
    image = screen.matted[-1].image
    assert tuple(image[5, 5]) == (0, 255, 0)
    assert tuple(image[80, 96]) == (120, 120, 120)


def test_a_composite_keeps_its_frames_stamp_and_tells_its_latency(run: Run) -> None:
    pipeline, screen = run(FakeSource(), FakeModel(right))
    eventually(lambda: len(screen.matted) > 3)
    last = screen.matted[-1]
    assert 0 < last.composited_ns - last.captured_ns < 5e9
    stats = pipeline.stats.snapshot(dropped=pipeline.dropped, viewers=0)
    assert stats.latency_ms.p50 is not None
    assert stats.stages_ms["matte"].p50 is not None
    assert stats.foreground.coverage == pytest.approx(float(ALPHA.mean()), abs=0.05)


def test_a_slow_model_drops_frames_and_stays_fresh(run: Run) -> None:
    def slow() -> np.ndarray:
        time.sleep(0.08)
        return ALPHA

    pipeline, screen = run(FakeSource(fps=200), FakeModel(slow))
    eventually(lambda: len(screen.matted) > 5)
    assert pipeline.dropped > 10
    # Had frames queued up, the last of these would be older than all of them took together.
    ages_s = [(c.composited_ns - c.captured_ns) / 1e9 for c in screen.matted]
    assert ages_s[-1] < 4 * 0.08


def test_slow_composing_drops_frames_and_stays_fresh_too(run: Run) -> None:
    class Slow:
        shows_room = False

        def behind(self, frame: Frame, matte: Matte | None = None) -> np.ndarray:
            time.sleep(0.08)
            return np.zeros_like(frame.image)

        def close(self) -> None: ...

    pipeline, screen = run(FakeSource(fps=200), FakeModel(right), background=Slow())
    eventually(lambda: len(screen.matted) > 5)
    assert pipeline.dropped > 10
    ages_s = [(c.composited_ns - c.captured_ns) / 1e9 for c in screen.matted]
    assert ages_s[-1] < 4 * 0.08


def test_motion_that_is_followed_gives_pictures_between_the_mattes(run: Run) -> None:
    calls = []

    def slow() -> np.ndarray:
        calls.append(time.monotonic())
        time.sleep(0.2)
        return ALPHA

    controls = PLAIN.changed({"follow_motion": True})
    pipeline, screen = run(FakeSource(fps=30), FakeModel(slow), controls=controls)
    eventually(lambda: len(calls) > 5)
    indices = [composite.index for composite in screen.matted]
    assert len(indices) > 1.5 * len(calls)
    assert indices == sorted(set(indices))
    assert max(screen.leaks()) < 0.005
    pipeline.show(replace(pipeline.look, controls=PLAIN))
    shown, made = len(screen.matted), len(calls)
    eventually(lambda: len(calls) > made + 3)
    assert len(screen.matted) - shown <= len(calls) - made + 2


def test_the_next_frame_is_matted_while_one_is_composed(run: Run) -> None:
    entered, together = threading.Event(), threading.Event()

    def matting() -> np.ndarray:
        entered.set()
        return ALPHA

    class Waiting:
        shows_room = False

        def behind(self, frame: Frame, matte: Matte | None = None) -> np.ndarray:
            entered.clear()
            if not together.is_set() and entered.wait(2):
                together.set()
            return np.zeros_like(frame.image)

        def close(self) -> None: ...

    _, screen = run(FakeSource(), FakeModel(matting), background=Waiting())
    assert together.wait(10)
    eventually(lambda: len(screen.matted) > 5)
    indices = [composite.index for composite in screen.matted]
    assert indices == sorted(set(indices))


def test_a_frame_in_work_is_not_shown_once_its_source_was_left(run: Run) -> None:
    entered, leave = threading.Event(), threading.Event()

    def waiting() -> np.ndarray:
        entered.set()
        leave.wait(10)
        return ALPHA

    pipeline, screen = run(FakeSource(), FakeModel(waiting))
    assert entered.wait(10)
    pipeline.capture.change(FakeSource())
    first = pipeline.capture.take.first_index
    leave.set()
    eventually(lambda: len(screen.matted) > 2)
    assert first > 0
    assert screen.matted[0].index >= first


def test_viewers_have_a_slate_before_the_first_picture(run: Run) -> None:
    source = FakeSource()
    source.silent.set()
    _, screen = run(source, FakeModel(right))
    assert screen.shown[0].slate is not None
    source.silent.clear()
    eventually(lambda: screen.matted)


def test_a_lost_source_is_told_and_its_return_too(run: Run) -> None:
    source = FakeSource()
    pipeline, screen = run(source, FakeModel(right))
    eventually(lambda: screen.matted)
    source.fault = "unplugged"
    eventually(lambda: "unplugged" in str(screen.shown[-1].slate))
    assert pipeline.trouble() == "fake: unplugged"
    source.fault = "fake: plug it in"  # it says itself whose error it is
    eventually(lambda: pipeline.trouble() == "fake: plug it in")
    source.fault = None
    eventually(lambda: screen.shown[-1].slate is None)
    assert pipeline.trouble() is None


def test_a_source_that_falls_silent_is_told_within_a_second(run: Run) -> None:
    source = FakeSource()
    _, screen = run(source, FakeModel(right))
    eventually(lambda: screen.matted)
    source.silent.set()
    eventually(lambda: screen.shown[-1].slate is not None)
    silent_s = (screen.shown[-1].composited_ns - screen.matted[-1].captured_ns) / 1e9
    assert silent_s < 3  # 1 s on a machine that is not busy


def nan() -> np.ndarray:
    broken = ALPHA.copy()
    broken[0, 0] = np.nan
    return broken


def everywhere() -> np.ndarray:
    return np.ones_like(ALPHA)


def raises() -> np.ndarray:
    raise ModelError("out of memory")


def unforeseen() -> np.ndarray:
    raise RuntimeError("segment")


def wrong_shape() -> np.ndarray:
    return np.ones((0, 3), np.float32)


@pytest.mark.parametrize("follow", [False, True])
@pytest.mark.parametrize("fault", [nan, everywhere, raises, unforeseen, wrong_shape])
def test_no_picture_shows_the_room_when_the_model_breaks(
    run: Run, fault: Callable[[], np.ndarray], follow: bool
) -> None:
    model = FakeModel(right)
    controls = PLAIN.changed({"follow_motion": follow})
    pipeline, screen = run(FakeSource(), model, controls=controls)
    eventually(lambda: screen.matted)
    model.alpha = fault
    eventually(lambda: screen.shown[-1].slate is not None)
    assert pipeline.trouble()
    model.alpha = right
    eventually(lambda: screen.shown[-1].slate is None)
    assert pipeline.trouble() is None
    assert max(screen.leaks()) < 0.005


def test_a_model_that_is_wrong_from_the_start_shows_nothing_of_the_room(run: Run) -> None:
    _, screen = run(FakeSource(), FakeModel(everywhere))
    eventually(lambda: "withheld" in str(screen.shown[-1].slate))
    assert not screen.matted


def test_a_model_that_still_loads_is_told(run: Run) -> None:
    def loading() -> np.ndarray:
        raise ModelLoading("loading U2NETP")

    pipeline, screen = run(FakeSource(), FakeModel(loading))
    eventually(lambda: "Getting ready: loading U2NETP" in str(screen.shown[-1].slate))
    assert "U2NETP" in str(pipeline.trouble())


def test_a_background_that_breaks_gives_a_slate(run: Run) -> None:
    class Broken:
        shows_room = False

        def behind(self, frame: Frame, matte: Matte | None = None) -> np.ndarray:
            raise OSError("gone")

        def close(self) -> None: ...

    _, screen = run(FakeSource(), FakeModel(right), background=Broken())
    eventually(lambda: "gone" in str(screen.shown[-1].slate))
    assert not screen.matted


def test_the_room_is_shown_where_it_was_chosen(run: Run) -> None:
    _, screen = run(FakeSource(), FakeModel(everywhere), background=original.make(""))
    eventually(lambda: screen.matted)
    assert (screen.matted[-1].image == IMAGE).all()


def test_a_new_look_shows_from_one_frame_to_the_next(run: Run) -> None:
    pipeline, screen = run(FakeSource(), FakeModel(right))
    eventually(lambda: screen.matted)
    pipeline.show(replace(pipeline.look, background=color.make("0000ff")))
    eventually(lambda: tuple(screen.matted[-1].image[5, 5]) == (0, 0, 255))
    assert all(c.slate is None for c in screen.shown[screen.shown.index(screen.matted[0]) :])


def test_each_background_is_closed_once_it_is_not_shown_any_more(run: Run) -> None:
    class Counted:
        shows_room = False

        def __init__(self) -> None:
            self.closed = 0

        def behind(self, frame: Frame, matte: Matte | None = None) -> np.ndarray:
            assert not self.closed
            return np.zeros_like(frame.image)

        def close(self) -> None:
            self.closed += 1

    backgrounds = [Counted() for _ in range(4)]
    pipeline, screen = run(FakeSource(), FakeModel(right), background=backgrounds[0])
    eventually(lambda: screen.matted)
    for background in backgrounds[1:]:  # faster than frames come
        pipeline.show(replace(pipeline.look, background=background))
    eventually(lambda: [b.closed for b in backgrounds] == [1, 1, 1, 0])
    pipeline.stop()
    assert [b.closed for b in backgrounds] == [1, 1, 1, 1]
    assert all(composite.slate is None for composite in screen.shown[1:])


def test_the_original_travels_only_where_it_may_be_seen(run: Run) -> None:
    _, screen = run(FakeSource(), FakeModel(right))
    _, allowed = run(FakeSource(), FakeModel(right), keep_original=True)
    eventually(lambda: screen.matted and allowed.matted)
    assert all(composite.original is None for composite in screen.shown)
    assert (allowed.matted[-1].original == IMAGE).all()


def test_another_source_is_a_new_scene_for_the_model(run: Run) -> None:
    model = FakeModel(right)
    pipeline, screen = run(FakeSource(), model)
    eventually(lambda: screen.matted)
    before = model.resets
    pipeline.capture.change(FakeSource())
    eventually(lambda: model.resets > before)


def test_a_source_and_a_model_that_hang_are_waited_for_together(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hanging, begun = threading.Event(), threading.Semaphore(0)

    class Hanging(FakeSource):
        def __iter__(self) -> Iterator[Frame]:
            yield Frame(IMAGE, 0, time.monotonic_ns())
            begun.release()
            hanging.wait(60)

    def hang() -> np.ndarray:
        begun.release()
        hanging.wait(60)
        return ALPHA

    monkeypatch.setattr(edge.pipeline, "STOP_S", 0.5)
    pipeline = Pipeline(Hanging(), Look(FakeModel(hang), GREEN, PLAIN), lambda composite: None)
    pipeline.start()
    assert begun.acquire(timeout=10)
    assert begun.acquire(timeout=10)
    begin_s = time.monotonic()
    assert not pipeline.stop()
    assert time.monotonic() - begin_s < 0.9  # not one after the other
    hanging.set()
    assert pipeline.stop()


def test_a_fault_that_was_foreseen_is_one_line_in_the_log(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    def missing() -> np.ndarray:
        raise ModelError("no such model here")

    run(FakeSource(), FakeModel(missing))
    eventually(lambda: "no such model here" in caplog.text)
    assert "Traceback" not in caplog.text
    run(FakeSource(), FakeModel(lambda: np.zeros(3)[5]))
    eventually(lambda: "out of bounds" in caplog.text)
    assert "Traceback" in caplog.text


def test_a_mirrored_picture_is_flipped_and_an_odd_one_made_even() -> None:
    image = np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3)
    even = prepared(image, mirror=False)
    assert even.shape == (4, 6, 3)
    assert even.flags.c_contiguous
    assert (prepared(image, mirror=True) == even[:, ::-1]).all()
    assert prepared(image[:4, :6], mirror=False) is not None
