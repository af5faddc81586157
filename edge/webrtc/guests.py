"""A visitor's own camera comes in (WHIP) and becomes the source ``browser:``. One at a time."""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import Protocol

from av import FFmpegError

from edge.errors import NotChosen, SignalingError, UnknownName
from edge.frame import Rgb
from edge.webrtc.codecs import preferences
from edge.webrtc.ice import IceSettings
from edge.webrtc.intake import Intake
from edge.webrtc.mdns import Names
from edge.webrtc.peers import Peer
from edge.webrtc.rate import with_start_bitrate
from edge.webrtc.sdp import read_offer

log = logging.getLogger(__name__)

START_BPS = 2_500_000  # what a 720p camera needs


class GuestSource(Protocol):
    """The source that a guest's pictures go to."""

    def push(self, image: Rgb) -> None:
        """Take (H, W, 3) uint8 sRGB as the newest picture. Never blocks."""
        ...

    def leave(self) -> None:
        """Nobody sends pictures any more."""
        ...


class Host(Protocol):
    """Who decides whether a guest may come in."""

    def guest_source(self) -> GuestSource | None:
        """The source in use, if it is one for guests."""
        ...

    async def guest_left(self) -> None:
        """The guest who had come in is gone. Called once for each."""
        ...


class _Guest:
    def __init__(self, peer: Peer) -> None:
        self.name = uuid.uuid4().hex
        self.peer = peer
        self.tasks: list[asyncio.Task[None]] = []


class Guests:
    """
    The one guest whose camera is the source, if there is one.

    A guest who was answered leaves exactly once, whatever the reason (DELETE, a closed page, no
    connection in time, nothing sent, another source chosen): its source is told by ``leave`` and
    the host by ``guest_left``. An offer that is refused tells nobody.
    """

    def __init__(self, host: Host, ice: IceSettings | None = None) -> None:
        self._host = host
        self._ice = ice or IceSettings()
        self._names = Names()
        self._guest: _Guest | None = None

    @property
    def present(self) -> bool:
        """Whether a guest is in, or coming in."""
        return self._guest is not None

    async def connect(self, offer: str) -> tuple[str, str]:
        """
        Answer a guest's SDP offer of video.

        Returns:
            The guest's id, and an SDP answer that carries every ICE candidate.

        Raises:
            NotChosen: the source is another one, or a guest is in.
            SignalingError: the offer cannot be answered; the message says what is wrong with it.
        """
        if self._host.guest_source() is None:
            raise NotChosen("another source is in use: choose browser: first")
        if self._guest is not None:
            raise NotChosen("another visitor's camera is in use: wait until it leaves")
        wanted = read_offer(offer, "sends")
        guest = self._guest = _Guest(Peer("guest", self._ice, self._names))
        try:
            ours = guest.peer.connection.addTransceiver("video", "recvonly")
            ours.setCodecPreferences(preferences("auto"))
            answer = await guest.peer.answer(wanted, ours)
            if self._guest is not guest:
                raise SignalingError("this service is shutting down")
        except BaseException:  # cancelled included: whoever asked is gone
            self._guest = None if self._guest is guest else self._guest
            await guest.peer.close()
            raise
        intake = Intake(ours.receiver.track, self._show)
        guest.tasks = [
            asyncio.create_task(self._take(guest, intake)),
            asyncio.create_task(self._watch(guest, intake)),
        ]
        log.info("guest %s came in", guest.name[:6])
        return guest.name, with_start_bitrate(answer, START_BPS)

    async def disconnect(self, guest: str) -> None:
        """
        Let the guest go.

        Raises:
            UnknownName: no such guest, or it is gone already.
        """
        if self._guest is None or self._guest.name != guest:
            raise UnknownName("no such guest; it may have left already")
        await self._leave(self._guest, "said goodbye")

    async def close(self) -> None:
        """Let the guest go, if there is one. Takes less than 2 s."""
        if self._guest is not None:
            await self._leave(self._guest, "this service is shutting down")

    def _show(self, image: Rgb) -> None:
        source = self._host.guest_source()  # anew: a source that failed is opened anew
        if source is not None:
            source.push(image)

    async def _take(self, guest: _Guest, intake: Intake) -> None:
        try:
            await intake.run()
        except (SignalingError, FFmpegError, ValueError) as error:
            await self._leave(guest, f"its pictures cannot be used: {error}")
        else:
            await self._leave(guest, "its video ended")

    async def _watch(self, guest: _Guest, intake: Intake) -> None:
        async def received() -> int | None:
            if self._host.guest_source() is None:
                await self._leave(guest, "another source was chosen")
            return intake.received

        await self._leave(guest, await guest.peer.until_gone(received))

    async def _leave(self, guest: _Guest, reason: str) -> None:
        if self._guest is not guest:
            return
        self._guest = None
        log.info("guest %s left: %s", guest.name[:6], reason)
        for task in guest.tasks:
            if task is not asyncio.current_task():
                task.cancel()
        try:
            if guest.tasks:  # it was answered, so it was in
                source = self._host.guest_source()
                if source is not None:
                    source.leave()
                await self._host.guest_left()
        finally:
            await guest.peer.close()
