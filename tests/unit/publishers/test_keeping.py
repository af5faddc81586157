"""A publisher that breaks off is begun again, and never disturbs another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from edge import plugins
from edge.errors import PublishError, UnknownName
from edge.latest import Broadcast
from edge.publishers import Supply
from edge.publishers._keeping import LONGEST_PAUSE_S, Publishers
from edge.webrtc.push import Push


class Scripted:
    """Does at each attempt what the next of its steps does; after the last, publishes for ever."""

    def __init__(self, *steps: Callable[[Callable[[], None]], None], label: str = "fake") -> None:
        self.label = label
        self.sent = 0
        self.ended = 0
        self._steps = list(steps)

    async def publish(self, supply: Supply, live: Callable[[], None]) -> None:
        try:
            if self._steps:
                self._steps.pop(0)(live)
                return
            live()
            self.sent += 1
            await asyncio.Event().wait()
        finally:
            self.ended += 1


def refuses(live: Callable[[], None]) -> None:
    raise PublishError("the server is away")


def lives_and_breaks(live: Callable[[], None]) -> None:
    live()
    raise PublishError("the connection is gone")


def is_defective(live: Callable[[], None]) -> None:
    raise ZeroDivisionError("nobody thought of that")


class Sleeper:
    """Waits for nothing, and remembers for how long."""

    def __init__(self) -> None:
        self.pauses: list[float] = []

    async def __call__(self, pause_s: float) -> None:
        self.pauses.append(pause_s)
        await asyncio.sleep(0)


def no_push(name: str) -> Push:
    raise AssertionError("nobody asked for a connection")


def kept(sleep: Sleeper, *publishers: Scripted) -> Publishers:
    return Publishers(publishers, Supply(Broadcast(asyncio.get_running_loop()), no_push), sleep)


async def settled() -> None:
    for _ in range(100):
        await asyncio.sleep(0)


async def test_it_is_begun_again_ever_more_patiently_until_it_is_live() -> None:
    sleep = Sleeper()
    publishers = kept(sleep, Scripted(*[refuses] * 8))
    await settled()
    assert sleep.pauses == [1, 2, 4, 8, 16, 30, 30, 30]
    assert max(sleep.pauses) == LONGEST_PAUSE_S
    (one,) = publishers.stats()
    assert (one.status, one.error, one.sent) == ("live", None, 1)
    await publishers.close()


async def test_after_it_was_live_it_is_begun_again_soon() -> None:
    sleep = Sleeper()
    publishers = kept(sleep, Scripted(refuses, refuses, refuses, lives_and_breaks, refuses))
    await settled()
    assert sleep.pauses == [1, 2, 4, 1, 2]
    await publishers.close()


async def test_why_it_is_not_live_is_told_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    sleep = Sleeper()
    forever = Scripted(*[refuses] * 1000)
    publishers = kept(sleep, forever)
    await settled()
    (one,) = publishers.stats()
    assert one.error == "the server is away"
    assert one.status in ("waiting", "connecting")
    assert [r.message for r in caplog.records] == ["fake: the server is away; trying again"]
    await publishers.close()


async def test_a_defect_of_one_leaves_the_others_alone() -> None:
    good, bad = Scripted(), Scripted(is_defective, label="bad")
    publishers = kept(Sleeper(), bad, good)
    await settled()
    assert [one.status for one in publishers.stats()] == ["live", "live"]  # the bad one came back
    await publishers.close()
    assert (good.ended, bad.ended) == (1, 2)


async def test_what_ended_by_itself_is_begun_again() -> None:
    sleep = Sleeper()
    publishers = kept(sleep, Scripted(lambda live: None))
    await settled()
    assert sleep.pauses == [1]
    await publishers.close()


def test_a_kind_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(UnknownName, match="publishers has v4l2loopback, whip"):
        plugins.make("edge.publishers", "rtmp://host/live")


async def test_names_are_told_apart() -> None:
    publishers = kept(Sleeper(), Scripted(), Scripted(label="other"), Scripted())
    assert [one.name for one in publishers.stats()] == ["fake", "other", "fake (2)"]
    await publishers.close()
