"""The running service as an aiohttp application: what is made at start and ended at stop."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from aiohttp import web

from edge.album import Albums
from edge.frame import Composite
from edge.gallery import Gallery
from edge.http import gallery, openapi, security, state, static, status, stills, taken, watch
from edge.http.bodies import MAX_BODY
from edge.http.events import Events
from edge.http.keys import (
    ALBUMS,
    BROADCAST,
    EVENTS,
    GALLERY,
    GUESTS,
    PUBLISHERS,
    RECORDER,
    STILLS,
    STUDIO,
    VIEWERS,
)
from edge.http.policy import Policy
from edge.latest import Broadcast
from edge.publishers import Publisher, Supply
from edge.publishers._keeping import Publishers
from edge.recorder import Recorder
from edge.sources.browser import Browser
from edge.stills import Stills
from edge.studio import Studio
from edge.webrtc.encoding import EncodingSettings
from edge.webrtc.guests import Guests
from edge.webrtc.ice import IceSettings
from edge.webrtc.viewers import Viewers

logger = logging.getLogger(__name__)

WEB = Path(__file__).resolve().parents[1] / "web"


@dataclass(frozen=True)
class Terms:
    """
    On what terms viewers are served.

    Attributes:
        policy: who may ask.
        limit: how many may watch.
        ice: for viewers behind NAT.
        encoding: codec, encoders and bitrates.
        allow_original: whether the room may be shown.
        publishers: where else the picture goes.
    """

    policy: Policy = field(default_factory=Policy)
    limit: int = 32
    ice: IceSettings = field(default_factory=IceSettings)
    encoding: EncodingSettings = field(default_factory=EncodingSettings)
    allow_original: bool = False
    publishers: Sequence[Publisher] = ()


class _Host:
    """What a guest's camera needs of the studio, on the event loop."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio

    def guest_source(self) -> Browser | None:
        return self._studio.guest_source()

    async def guest_left(self) -> None:
        await asyncio.to_thread(self._studio.guest_left)


@dataclass(frozen=True)
class Files:
    """
    What is kept on disk.

    Attributes:
        pictures: the gallery that the studio's catalog shows, too.
        albums: snapshots and recordings.
    """

    pictures: Gallery
    albums: Albums


def make_app(
    studio: Callable[[Callable[[Composite], None]], Studio], files: Files, terms: Terms
) -> web.Application:
    """
    The application. Its start makes the studio and starts the pipeline; its end stops them.

    Args:
        studio: makes the studio, given where to publish composites.
        files: what is kept on disk.
        terms: how viewers are served.
    """
    app = web.Application(client_max_size=MAX_BODY)
    security.install(app, terms.policy)
    for room in (state, watch, gallery, stills, taken, status):
        app.add_routes(room.routes)
    openapi.install(app)
    static.install(app, WEB)

    async def run(app: web.Application) -> AsyncIterator[None]:
        broadcast = Broadcast(asyncio.get_running_loop())
        app[BROADCAST] = broadcast
        app[GALLERY] = files.pictures
        app[ALBUMS] = files.albums
        app[RECORDER] = Recorder(broadcast, files.albums.recordings)
        app[STUDIO] = await asyncio.to_thread(studio, broadcast.publish)
        catalogs = app[STUDIO].catalogs
        app[STILLS] = Stills(catalogs.models, catalogs.backgrounds)
        app[VIEWERS] = Viewers(
            broadcast, terms.limit, terms.ice, terms.encoding, terms.allow_original
        )
        app[VIEWERS].on_encoded(partial(app[STUDIO].pipeline.stats.add, "encode"))
        app[PUBLISHERS] = Publishers(terms.publishers, Supply(broadcast, app[VIEWERS].push))
        app[GUESTS] = Guests(_Host(app[STUDIO]), terms.ice)
        app[EVENTS] = Events()
        app[STUDIO].pipeline.start()
        probing = asyncio.create_task(asyncio.to_thread(app[VIEWERS].encoders.probe))
        probing.add_done_callback(partial(_tell_if_it_broke, "encoders were not tried"))
        announcing = asyncio.create_task(state.announce(app))
        announcing.add_done_callback(partial(_tell_if_it_broke, "pages are told nothing any more"))
        yield
        await asyncio.wait([probing])
        announcing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await announcing
        app[STILLS].close()
        stopping = asyncio.to_thread(app[STUDIO].pipeline.stop)
        receivers = (app[PUBLISHERS], app[GUESTS], app[VIEWERS], app[RECORDER])
        *_, ended = await asyncio.gather(*(each.close() for each in receivers), stopping)
        if not ended:
            logger.warning("a thread did not end in time; the process ends without it")

    async def say_goodbye(app: web.Application) -> None:
        await app[EVENTS].close()  # at shutdown: before aiohttp waits for open connections

    app.cleanup_ctx.append(run)
    app.on_shutdown.append(say_goodbye)
    return app


def _tell_if_it_broke(so: str, task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        logger.error(so, exc_info=task.exception())
