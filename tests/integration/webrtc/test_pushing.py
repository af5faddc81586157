"""The picture is pushed to a second service, which may go and come back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import numpy as np
import pytest
from aiohttp import web
from numpy.typing import NDArray
from webrtc_stand import SIZE, Publisher, read_index

from edge import plugins
from edge.http import security, watch
from edge.http.keys import GUESTS
from edge.http.policy import Policy
from edge.latest import Broadcast
from edge.publishers import Supply
from edge.publishers._keeping import Publishers, PublisherStats
from edge.webrtc.encoding import EncodingSettings
from edge.webrtc.guests import Guests
from edge.webrtc.ice import IceSettings
from edge.webrtc.viewers import Viewers

TOKEN = "a-token-of-the-second-service"


class Second:
    """The WHIP intake of a second service, on a port that stays over a restart."""

    def __init__(self) -> None:
        self.images: list[NDArray[np.uint8]] = []
        self.port = 0
        self.refuses = False
        self._runner: web.AppRunner | None = None

    @property
    def spec(self) -> str:
        return f"whip:http://:{TOKEN}@127.0.0.1:{self.port}/whip"

    async def start(self) -> None:
        app = web.Application()
        security.install(app, Policy(token=TOKEN))
        app.add_routes(watch.routes)
        app[GUESTS] = self.guests = Guests(self)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await self.guests.close()
            await runner.cleanup()

    def guest_source(self) -> Second | None:
        return None if self.refuses else self

    async def guest_left(self) -> None: ...

    def push(self, image: NDArray[np.uint8]) -> None:
        self.images.append(image)

    def leave(self) -> None: ...


@pytest.fixture
async def second() -> AsyncIterator[Second]:
    made = Second()
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
async def publish(
    broadcast: Broadcast, viewers: Viewers
) -> AsyncIterator[Callable[..., Publishers]]:
    made: list[Publishers] = []

    def start(spec: str) -> Publishers:
        kind = plugins.make("edge.publishers", spec)
        made.append(Publishers([kind], Supply(broadcast, viewers.push), impatient))
        return made[-1]

    yield start
    await asyncio.gather(*(one.close() for one in made))


async def impatient(pause_s: float) -> None:
    await asyncio.sleep(0.1)


async def until(holds: Callable[[], object]) -> None:
    while not holds():  # noqa: ASYNC110  what a test looks at sets no event
        await asyncio.sleep(0.02)


def only(publishers: Publishers) -> PublisherStats:
    (one,) = publishers.stats()
    return one


async def test_the_second_service_gets_the_pictures_in_order_and_as_they_are(
    second: Second, publisher: Publisher, viewers: Viewers, publish: Callable[..., Publishers]
) -> None:
    pushed = publish(second.spec)
    await until(lambda: len(second.images) > 20)
    assert second.images[-1].shape == (SIZE[1], SIZE[0], 3)
    indices = [read_index(image) for image in second.images]
    assert indices == sorted(indices)
    await until(lambda: only(pushed).status == "live")
    assert only(pushed).error is None
    assert only(pushed).sent > 20
    assert only(pushed).name == f"whip:http://127.0.0.1:{second.port}"
    assert viewers.count == 0  # it takes no viewer's place


async def test_it_shares_one_encoder_with_the_viewers(
    second: Second,
    publisher: Publisher,
    viewers: Viewers,
    publish: Callable[..., Publishers],
    watcher: Callable[..., object],
) -> None:
    publish(second.spec)
    await until(lambda: len(second.images) > 2)
    one = watcher("H264")
    _, answer = await viewers.connect(await one.offer())  # type: ignore[attr-defined]
    await one.accept(answer)  # type: ignore[attr-defined]
    await one.watch(3)  # type: ignore[attr-defined]
    (rendition,) = viewers.renditions()
    assert rendition.viewers == 2


async def test_it_finds_the_second_service_again_after_that_restarts(
    second: Second, publisher: Publisher, publish: Callable[..., Publishers]
) -> None:
    pushed = publish(second.spec)
    await until(lambda: only(pushed).status == "live")
    await second.stop()
    await until(lambda: "refused" in (only(pushed).error or ""))  # the system's word for no server
    sent = only(pushed).sent
    second.images.clear()
    await second.start()
    await until(lambda: len(second.images) > 5 and only(pushed).status == "live")
    assert only(pushed).error is None
    assert only(pushed).sent > sent


async def test_a_service_that_wants_no_picture_says_so_and_gets_it_when_it_does(
    second: Second, publisher: Publisher, publish: Callable[..., Publishers]
) -> None:
    second.refuses = True
    pushed = publish(second.spec)
    await until(lambda: only(pushed).error)
    assert "status 409: another source is in use" in (only(pushed).error or "")
    second.refuses = False
    await until(lambda: second.images)


async def test_a_wrong_token_is_told_and_not_repeated(
    second: Second, publisher: Publisher, publish: Callable[..., Publishers]
) -> None:
    pushed = publish(second.spec.replace(TOKEN, "wrong-token"))
    await until(lambda: only(pushed).error)
    assert "token" in (only(pushed).error or "")
    assert "wrong-token" not in str(only(pushed))
    assert not second.images


async def test_leaving_tells_the_second_service(
    second: Second, publisher: Publisher, publish: Callable[..., Publishers]
) -> None:
    pushed = publish(second.spec)
    await until(lambda: second.images)
    await pushed.close()
    assert not second.guests.present


async def test_vp8_is_pushed_where_that_is_set(
    second: Second, broadcast: Broadcast, publisher: Publisher
) -> None:
    viewers = Viewers(broadcast, 1, IceSettings(), EncodingSettings(codec="vp8"))
    kind = plugins.make("edge.publishers", second.spec)
    pushed = Publishers([kind], Supply(broadcast, viewers.push), impatient)
    await until(lambda: len(second.images) > 3)
    assert [one.codec for one in viewers.renditions()] == ["VP8"]
    await pushed.close()
    await viewers.close()


async def test_the_room_is_not_pushed_even_where_viewers_may_see_it(
    second: Second, publisher: Publisher, publish: Callable[..., Publishers]
) -> None:
    publisher.original = True  # each composite carries its frame now, which is plain green
    publish(second.spec)
    await until(lambda: len(second.images) > 5)
    lefts = [image[: SIZE[1] // 2, : SIZE[0] // 2, 0] for image in second.images[3:]]
    assert min(int(red.max()) - int(red.min()) for red in lefts) > 100  # bars, as composed


async def test_nothing_is_sent_before_there_is_a_composite(
    second: Second, broadcast: Broadcast, publish: Callable[..., Publishers]
) -> None:
    pushed = publish(second.spec)
    await until(lambda: second.guests.present)
    await asyncio.sleep(0.5)
    assert only(pushed).sent == 0
    assert not second.images
