"""What an encoder is fed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError
from numpy.typing import NDArray

from edge.errors import InputError
from edge.frame import Composite
from edge.latest import Broadcast
from edge.webrtc import tracks
from edge.webrtc.tracks import CompositeTrack, Screen, View, picture, to_i420

RED, GREEN = (200, 30, 30), (30, 220, 30)
MS = 1_000_000


def filled(color: tuple[int, int, int], size: tuple[int, int] = (64, 48)) -> NDArray[np.uint8]:
    return np.full((size[1], size[0], 3), color, np.uint8)


def composite(
    captured_ns: int = 1, color: tuple[int, int, int] = GREEN, room: bool = True
) -> Composite:
    return Composite(
        filled(color), 0, captured_ns, captured_ns, None, filled(RED) if room else None
    )


class Stage:
    """A broadcast, a screen, and how often the screen converted a picture."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.broadcast = Broadcast(asyncio.get_running_loop())
        self.executor = ThreadPoolExecutor(1)
        self.screen = Screen(self.broadcast, self.executor)
        self.conversions = 0
        monkeypatch.setattr(tracks, "to_i420", self._counted)

    def _counted(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        self.conversions += 1
        return to_i420(image)

    async def show(self, shown: Composite) -> None:
        self.broadcast.publish(shown)
        await asyncio.sleep(0)
        await asyncio.sleep(0)

    def track(self, view: View | None = None) -> CompositeTrack:
        return CompositeTrack(self.screen, view or View())


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    made = Stage(monkeypatch)
    yield made
    made.executor.shutdown()


@pytest.mark.parametrize(("position", "columns"), [(0, 0), (0.25, 16), (0.5, 32), (1, 64)])
def test_the_split_is_where_the_viewer_put_it(position: float, columns: int) -> None:
    image = picture(composite(), View("split", position))
    assert (image[:, :columns] == RED).all()
    assert (image[:, columns:] == GREEN).all()


def test_a_slate_is_never_split() -> None:
    slate = composite(room=False)
    assert picture(slate, View("split", 1)) is slate.image


def test_the_plain_view_is_the_composite_itself() -> None:
    shown = composite()
    assert picture(shown, View()) is shown.image


def test_an_original_of_another_size_is_fitted() -> None:
    shown = Composite(filled(GREEN), 0, 1, 1, None, filled(RED, (65, 49)))
    assert picture(shown, View("split", 0.5)).shape == (48, 64, 3)


@pytest.mark.parametrize("position", [-0.1, 1.1, float("nan"), float("inf")])
def test_a_split_outside_the_picture_is_refused(position: float) -> None:
    with pytest.raises(InputError, match="0 to 1"):
        View("split", position)


def test_an_unknown_view_is_refused() -> None:
    with pytest.raises(InputError, match="composite and split"):
        View("original")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rgb", "yuv"),
    [((0, 0, 0), (16, 128, 128)), ((255, 255, 255), (235, 128, 128)), ((255, 0, 0), (82, 90, 240))],
)
def test_colours_are_those_of_bt601_in_limited_range(
    rgb: tuple[int, int, int], yuv: tuple[int, int, int]
) -> None:
    planes = to_i420(filled(rgb, (8, 4)))
    assert planes.shape == (6, 8)
    found = planes[:4].mean(), planes[4].mean(), planes[5].mean()
    assert np.abs(np.subtract(found, yuv)).max() <= 1


def test_an_odd_last_row_and_column_are_left_out() -> None:
    assert to_i420(filled(RED, (9, 5))).shape == (6, 8)


async def test_one_conversion_serves_every_viewer_but_each_has_a_frame_of_its_own(
    stage: Stage,
) -> None:
    await stage.show(composite(1))
    views = [stage.track() for _ in range(5)]
    frames = await asyncio.gather(*(view.recv() for view in views))
    assert stage.conversions == 1
    assert len({id(frame) for frame in frames}) == 5
    await stage.show(composite(2))
    await asyncio.gather(*(view.recv() for view in views))
    assert stage.conversions == 2


async def test_each_split_is_converted_once_too(stage: Stage) -> None:
    await stage.show(composite())
    watching = [stage.track(), stage.track(View("split", 0.5)), stage.track(View("split", 0.5))]
    await asyncio.gather(*(track.recv() for track in watching))
    assert stage.conversions == 2


async def test_a_viewer_who_leaves_takes_the_picture_from_nobody(stage: Stage) -> None:
    await stage.show(composite())
    one, other = (asyncio.create_task(stage.track().recv()) for _ in range(2))
    await asyncio.sleep(0)
    one.cancel()
    assert (await other).width == 64


async def test_a_slow_viewer_gets_the_newest_picture_only(stage: Stage) -> None:
    track = stage.track()
    await stage.show(composite(1, RED))
    await track.recv()
    for number in range(2, 6):
        await stage.show(composite(number, RED if number < 5 else GREEN))
    shown = (await track.recv()).to_ndarray(format="rgb24")
    assert np.abs(shown.astype(int) - GREEN).max() < 8
    assert track.sent == 2


async def test_the_time_between_pictures_is_that_of_their_capture(stage: Stage) -> None:
    track = stage.track()
    stamps = []
    for captured_ms in (5000, 5040, 5120, 5320):
        await stage.show(composite(captured_ms * MS))
        stamps.append((await track.recv()).pts)
    assert np.diff(stamps).tolist() == [40 * 90, 80 * 90, 200 * 90]


async def test_time_always_grows_whatever_the_source_does(stage: Stage) -> None:
    track = stage.track()
    stamps = []
    for captured_ms in (5000, 5040, 5040, 4000, 5041, 90_000, 5050):
        await stage.show(composite(captured_ms * MS))
        stamps.append((await track.recv()).pts)
    assert stamps == sorted(set(stamps))


async def test_a_still_picture_comes_again_with_time_going_on(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracks, "REPEAT_S", 0.05)
    track = stage.track()
    await stage.show(composite(time.monotonic_ns()))
    first, second = await track.recv(), await track.recv()
    assert second.pts - first.pts >= 0.04 * 90_000
    assert stage.conversions == 1


async def test_a_new_view_shows_although_nothing_new_came(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tracks, "REPEAT_S", 0.05)
    track = stage.track()
    await stage.show(composite())
    await track.recv()
    track.view = View("split", 1)
    shown = (await track.recv()).to_ndarray(format="rgb24")
    assert np.abs(shown.astype(int) - RED).max() < 8


async def test_a_track_that_ended_gives_nothing(stage: Stage) -> None:
    await stage.show(composite())
    track = stage.track()
    track.stop()
    with pytest.raises(MediaStreamError):
        await track.recv()
