"""
A viewer never sees the room: not at the start, nor when models are swapped, break or lie, nor when
the camera goes. Judged on every picture a real WebRTC viewer decodes.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
import pytest
from aiohttp.test_utils import TestClient, TestServer
from aiortc.mediastreams import MediaStreamError

from edge.album import albums
from edge.app import Files, Terms, make_app
from edge.catalog.backgrounds import BackgroundCatalog
from edge.catalog.models import ModelCatalog
from edge.catalog.sources import SourceCatalog
from edge.controls import MatteControls
from edge.drawn.presenter import LOOP_S, paint
from edge.errors import ModelError
from edge.frame import Frame, Matte
from edge.gallery import Gallery
from edge.matting._healing import HealingModel
from edge.remember import Memory
from edge.sources import Granted, Source
from edge.studio import Studio
from edge.studio.chosen import Catalogs, Chosen
from edge.studio.recall import Recall
from edge.taken import KeepSettings
from edge.zoo import Zoo
from tests.integration.webrtc.webrtc_stand import Watcher
from tests.unit.fakes import FakeModel, FakeSource

SIZE, FPS = (640, 360), 15.0
ROOM = (255, 0, 255)
WALL = (0, 96, 0)  # far from the room's colour in luma and chroma, unlike what slates show
NEAR = 60  # so close to the room's colour that nobody would tell them apart, per channel
EDGE_PX = 5
LIMIT = 0.005


class Presenter(FakeSource):
    """The drawn presenter in a room of the marker colour; knows the exact alpha of each frame."""

    def __init__(self) -> None:
        super().__init__(fps=FPS, label="camera")
        self.truth: dict[int, np.ndarray] = {}

    def __iter__(self) -> Iterator[Frame]:
        self.granted = Granted(*SIZE, FPS)
        for index in range(10_000):
            if self.closed.wait(1 / FPS):
                return
            if self.fault:
                raise self.broken()
            image, alpha = paint(index, SIZE, ROOM, FPS)
            stamp = time.monotonic_ns()
            self.truth[stamp] = alpha
            yield Frame(image, index, stamp)

    def broken(self) -> Exception:
        from edge.errors import SourceError

        return SourceError(str(self.fault))


class OneSource(SourceCatalog):
    """Gives the presenter of this test whatever is asked for."""

    def __init__(self, source: Source, zoo: Zoo) -> None:
        super().__init__(["presenter:"], zoo)
        self.source = source

    def make(self, id: str) -> Source:
        return self.source


class Scripted(ModelCatalog):
    """Models that see, lie and break, by name."""

    def __init__(self, presenter: Presenter, zoo: Zoo) -> None:
        super().__init__("constant:1", zoo)
        self._presenter = presenter

    def make(self, id: str) -> HealingModel:
        def sees() -> Exact:
            time.sleep(0.5)  # a model takes its time to load
            return Exact(self._presenter)

        def lies(alpha: Callable[[], np.ndarray]) -> Callable[[], FakeModel]:
            return lambda: FakeModel(alpha)

        kinds: dict[str, Callable[[], Exact | FakeModel]] = {
            "constant:1": sees,
            "sees": sees,
            "nan": lies(lambda: np.full((90, 160), np.nan, np.float32)),
            "everything": lies(lambda: np.ones((90, 160), np.float32)),
            "nearly everything": lies(lambda: np.full((90, 160), 0.8, np.float32)),
            "raises": lies(_raise),
        }
        return HealingModel(id, kinds[id])


class Exact:
    """The matte that the presenter was drawn with."""

    def __init__(self, presenter: Presenter) -> None:
        self._truth = presenter.truth

    def matte(self, frame: Frame) -> Matte:
        return Matte(self._truth[frame.captured_ns])

    def reset(self) -> None:
        """Nothing to forget."""


def _raise() -> np.ndarray:
    raise ModelError("out of memory")


@dataclass
class Seen:
    """What one viewer decoded: how much of the room each picture shows."""

    leaks: list[float] = field(default_factory=list)
    matted: int = 0
    slates: int = 0

    def add(self, image: np.ndarray, outside: np.ndarray) -> None:
        distance = np.abs(image.astype(np.int16) - ROOM).max(axis=2)
        self.leaks.append(float((distance[outside] < NEAR).mean()))
        corner = image[10:60, 10:60].reshape(-1, 3).mean(axis=0)
        if np.abs(corner - WALL).max() < 30:
            self.matted += 1
        else:
            self.slates += 1


@pytest.fixture(scope="module")
def outside() -> np.ndarray:
    """Pixels that are more than EDGE_PX outside the presenter's edge at every moment."""
    ever = np.zeros((SIZE[1], SIZE[0]), np.uint8)
    for index in range(int(LOOP_S * FPS)):
        ever |= (paint(index, SIZE, ROOM, FPS)[1] > 0).astype(np.uint8)
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * EDGE_PX + 1, 2 * EDGE_PX + 1))
    far = cv2.dilate(ever, disc) == 0
    assert 0.2 < far.mean() < 0.9
    return far


@dataclass
class Stand:
    """A running service, its presenter, and a viewer who has been there from the first moment."""

    studio: Studio
    presenter: Presenter
    seen: Seen

    async def until(self, holds: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + 30
        while not holds():
            assert time.monotonic() < deadline, f"no {what} within 30 s"
            await asyncio.sleep(0.05)

    async def more(self, kind: str, count: int = 5) -> None:
        """Wait until the viewer has seen ``count`` more pictures of ``kind``."""
        before = getattr(self.seen, kind)
        await self.until(lambda: getattr(self.seen, kind) >= before + count, kind)

    async def model(self, name: str) -> None:
        from edge.state import StateChange

        await asyncio.to_thread(self.studio.apply, StateChange(model=name))


@pytest.fixture(params=[False, True], ids=["own mattes", "mattes that follow the motion"])
async def stand(
    tmp_path: Path, outside: np.ndarray, request: pytest.FixtureRequest
) -> AsyncIterator[Stand]:
    zoo, gallery, presenter = Zoo(tmp_path), Gallery(tmp_path / "backgrounds"), Presenter()
    wall = f"color:{bytes(WALL).hex()}"
    catalogs = Catalogs(
        OneSource(presenter, zoo),
        Scripted(presenter, zoo),
        BackgroundCatalog(wall, gallery, allow_original=False),
        allow_original=False,
    )
    controls = MatteControls(follow_motion=request.param)
    chosen = Chosen("presenter:", "constant:1", wall, False, controls)
    made: list[Studio] = []

    def studio(publish: Callable[..., None]) -> Studio:
        made.append(Studio(catalogs, Recall(chosen, Memory(tmp_path)), (), publish))
        return made[-1]

    files = Files(gallery, albums(tmp_path, KeepSettings(), allow_original=False))
    async with TestClient(TestServer(make_app(studio, files, Terms()))) as client:
        watcher, seen = Watcher("VP8"), Seen()
        offer = await watcher.offer()
        response = await client.post(
            "/whep", data=offer, headers={"Content-Type": "application/sdp"}
        )
        await watcher.accept(await response.text())

        async def look() -> None:
            with contextlib.suppress(MediaStreamError, asyncio.TimeoutError):
                while True:
                    image = await watcher.picture()
                    small = image.shape[:2] == outside.shape
                    seen.add(image, outside if small else np.ones(image.shape[:2], bool))

        looking = asyncio.create_task(look())
        yield Stand(made[0], presenter, seen)
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        await watcher.close()


async def test_no_picture_ever_shows_the_room(stand: Stand) -> None:
    await stand.more("slates", 1)  # the model still loads
    await stand.more("matted", 10)
    for model in ("nan", "everything", "nearly everything", "raises"):
        await stand.model(model)
        await stand.more("slates")
        await stand.model("sees")
        await stand.more("matted")
    stand.presenter.fault = "unplugged"
    await stand.more("slates")
    stand.presenter.fault = None
    await stand.more("matted", 10)
    assert len(stand.seen.leaks) > 60
    assert max(stand.seen.leaks) <= LIMIT
