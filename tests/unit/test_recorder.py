"""Recording: what is shown reaches the disk, in files that play, and a fault ends only that."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from edge import recorder as module
from edge.album import Album
from edge.errors import Conflict, SourceError, StorageError
from edge.film import Film
from edge.frame import Composite
from edge.latest import Broadcast
from edge.recorder import Recorder
from edge.state import RecorderState

SIZE = (64, 48)
WITHIN_S = 60


class Stage:
    """A recorder, and pictures for it: each a grey of its own."""

    def __init__(self, folder: Path, quota_bytes: int = 10**9) -> None:
        self.broadcast = Broadcast(asyncio.get_running_loop())
        self.album = Album(folder / "recordings", ".mp4", quota_bytes, 0)
        self.recorder = Recorder(self.broadcast, self.album)
        self._count = 0

    async def show(self, size: tuple[int, int] = SIZE) -> None:
        """One picture, a thirtieth of a second after the one before."""
        self._count += 1
        image = np.full((size[1], size[0], 3), self._count * 5 % 256, np.uint8)
        at_ns = self._count * 33_000_000
        self.broadcast.publish(Composite(image, self._count, at_ns, at_ns))
        await asyncio.sleep(0.01)

    async def show_until(self, holds: Callable[[], object], size: tuple[int, int] = SIZE) -> None:
        deadline_s = time.monotonic() + WITHIN_S
        while not holds():
            assert time.monotonic() < deadline_s
            await self.show(size)

    def sizes(self) -> list[int]:
        return [entry.bytes for entry in self.album.entries()]


@pytest.fixture
async def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def pictures(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as film:
        return list(film.decode(video=0))


async def test_a_recording_plays_with_the_times_that_pictures_had(stage: Stage) -> None:
    await stage.show()
    begun = await stage.recorder.start()
    for _ in range(20):
        await stage.show()
    assert (stage.recorder.state.running_s or 0) > 0.1  # of 0.2 that they take at least
    ended = await stage.recorder.stop()
    assert ended.id == begun.id
    shown = pictures(stage.album.path(ended.id))
    assert len(shown) > 5  # those that a busy machine left out are left out
    assert (shown[0].width, shown[0].height) == SIZE
    assert abs(int(shown[0].to_ndarray(format="rgb24").mean()) - 5) < 6
    times_s = [float(picture.time or 0) for picture in shown]
    assert times_s == sorted(set(times_s))
    assert times_s[-1] <= 20 * 0.034
    assert stage.recorder.state == RecorderState(recording=None, running_s=None, error=None)


async def test_before_the_first_picture_nothing_can_be_recorded(stage: Stage) -> None:
    with pytest.raises(SourceError, match="no picture"):
        await stage.recorder.start()
    with pytest.raises(Conflict, match="nothing is recorded"):
        await stage.recorder.stop()


async def test_two_at_once_are_one(stage: Stage) -> None:
    await stage.show()
    answers = await asyncio.gather(
        stage.recorder.start(), stage.recorder.start(), return_exceptions=True
    )
    assert [type(answer) for answer in answers].count(Conflict) == 1
    await stage.recorder.close()
    assert len(stage.sizes()) == 1


async def test_another_size_is_another_file(stage: Stage) -> None:
    await stage.show()
    await stage.recorder.start()
    await stage.show_until(lambda: len(stage.sizes()) == 2, size=(80, 60))
    await stage.recorder.stop()
    first, second = (pictures(stage.album.path(e.id)) for e in stage.album.entries())
    assert (first[0].width, second[0].width) == (64, 80)


async def test_one_file_follows_another_and_the_oldest_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FILE_BYTES", 2_000)
    monkeypatch.setattr(module, "ROOM_BYTES", 2_000)
    stage = Stage(tmp_path, quota_bytes=12_000)
    await stage.show()
    first = await stage.recorder.start()

    def rotated() -> bool:
        ids = [entry.id for entry in stage.album.entries()]
        return len(ids) > 1 and first.id not in ids

    await stage.show_until(rotated)
    await stage.recorder.stop()
    assert sum(stage.sizes()) <= 2 * 12_000
    for entry in stage.album.entries():
        assert pictures(entry.files[""])


async def test_a_full_disk_ends_the_recording_and_says_so_and_the_next_one_works(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await stage.show()
    with monkeypatch.context() as full:

        def refuse(film: Film, composite: Composite) -> None:
            raise StorageError("No space left on device; is the disk full?")

        full.setattr(Film, "add", refuse)
        await stage.recorder.start()
        await stage.show_until(lambda: stage.recorder.state.error)
        assert "No space left" in (stage.recorder.state.error or "")
        with pytest.raises(Conflict, match="nothing is recorded.*No space left"):
            await stage.recorder.stop()
    await stage.recorder.start()
    assert stage.recorder.state.error is None
    await stage.show()
    await stage.recorder.stop()


async def test_what_is_on_disk_plays_even_if_the_file_was_never_ended(tmp_path: Path) -> None:
    film = Film(tmp_path / "cut.mp4", SIZE)
    for index in range(150):  # five seconds: two fragments are whole
        image = np.full((48, 64, 3), index, np.uint8)
        film.add(Composite(image, index, 0, (index + 1) * 33_333_333))
    cut = tmp_path / "after the cut.mp4"
    cut.write_bytes((tmp_path / "cut.mp4").read_bytes())
    film.close()
    assert len(pictures(cut)) >= 60
