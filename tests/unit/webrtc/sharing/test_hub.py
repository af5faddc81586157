"""Who watches what: one encoder for all, and nobody is held up by another."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from edge.latest import Broadcast
from edge.webrtc.encoding import EncodingSettings
from edge.webrtc.sharing import hub as module
from edge.webrtc.sharing import rendition
from edge.webrtc.sharing.channel import Channel
from edge.webrtc.sharing.hub import Hub
from edge.webrtc.sharing.packets import Picture
from edge.webrtc.sharing.watching import Watching
from edge.webrtc.view import View
from tests.unit.webrtc.sharing.stand import Eyes, FakeEncoders, Time, composite, until


class Stage:
    """A hub whose time stands still unless a test moves it, and viewers of it."""

    def __init__(self) -> None:
        self.time = Time()
        self.encoders = FakeEncoders()
        self.broadcast = Broadcast(asyncio.get_running_loop())
        self.told: list[float] = []
        self.hub = Hub(
            self.broadcast, self.encoders, EncodingSettings(), self.told.append, self.time
        )
        self.shown = 0
        self.delivered: Counter[Channel] = Counter()

    def watch(self, view: View | None = None) -> tuple[Watching, Eyes]:
        eyes = Eyes()
        return self.hub.watch("VP8", view or View(), eyes), eyes

    async def show(self, count: int = 1) -> None:
        """Publish pictures, each when the last one is with everyone."""
        for _ in range(count):
            channels = [c for c in self.hub._channels.values() if c.key.divisor == 1]
            before = [self.delivered[channel] for channel in channels]
            self.shown += 1
            self.time.now_s += 0.04
            self.broadcast.publish(composite(10 + self.shown % 200, 40 * self.shown))
            for channel, delivered in zip(channels, before, strict=True):
                await until(lambda: self.delivered[channel] > delivered)  # noqa: B023


@pytest.fixture
async def stage(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Stage]:
    monkeypatch.setattr(rendition, "REPEAT_S", 30.0)
    monkeypatch.setattr(module, "ADAPT_S", 3600.0)  # tests adapt when they want
    made = Stage()
    deliver = Channel._deliver

    def counted(channel: Channel, picture: Picture) -> None:
        deliver(channel, picture)
        made.delivered[channel] += 1

    monkeypatch.setattr(Channel, "_deliver", counted)
    yield made
    await made.hub.close()
    assert made.hub.stats() == []


async def test_many_viewers_share_one_encoder_and_its_packets(stage: Stage) -> None:
    eyes = [stage.watch()[1] for _ in range(25)]
    await stage.show(10)
    assert len(stage.encoders.opened) == 1
    assert stage.encoders.encoded == len(stage.told) == 10
    for one in eyes:
        assert one.kinds == "K" + 9 * "d"
        assert all(mine is first for mine, first in zip(one.seen, eyes[0].seen, strict=True))
    (stats,) = stage.hub.stats()
    assert (stats.viewers, stats.pictures, stats.keyframes) == (25, 10, 1)


async def test_who_joins_soon_after_a_key_frame_gets_it_and_all_that_followed(stage: Stage) -> None:
    _, first = stage.watch()
    await stage.show(6)
    _, late = stage.watch()
    assert late.seen == first.seen  # at once, and nothing was encoded for it
    await stage.show(4)
    assert late.seen == first.seen
    assert stage.encoders.opened[0].keyframes.count(True) == 1


async def test_who_joins_later_gets_a_key_frame_with_the_next_picture(stage: Stage) -> None:
    _, first = stage.watch()
    await stage.show(30)  # 1.2 s
    _, late = stage.watch()
    assert late.seen == []
    await stage.show(2)
    assert late.kinds == "Kd"
    assert first.kinds == "K" + 29 * "d" + "Kd"


async def test_a_storm_of_requests_from_everybody_makes_one_key_frame_in_half_a_second(
    stage: Stage,
) -> None:
    places = [stage.watch() for _ in range(8)]
    for _ in range(50):  # two seconds
        for watching, _ in places:
            stage.hub.ask_for_keyframe(watching)
        await stage.show()
    assert 4 <= places[0][1].kinds.count("K") <= 5
    assert all(eyes.kinds == places[0][1].kinds for _, eyes in places)


async def test_a_viewer_that_takes_nothing_holds_up_nobody_and_goes_on_at_a_key_frame(
    stage: Stage,
) -> None:
    _, fast = stage.watch()
    _, stuck = stage.watch()
    await stage.show(3)
    stuck.full = True
    await stage.show(20)
    assert len(fast.seen) == 23
    stuck.full = False
    before = len(stuck.seen)
    await stage.show(20)
    assert len(fast.seen) == 43
    assert stuck.seen[before].keyframe
    assert stuck.seen[before:] == fast.seen[-len(stuck.seen[before:]) :]  # and no gap since


async def test_each_view_has_a_rendition_and_the_last_who_leaves_ends_it(stage: Stage) -> None:
    stage.watch()
    split, _ = stage.watch(View("split", 0.5))
    also, _ = stage.watch(View("split", 0.5))
    await stage.show(2)
    assert {s.view: s.viewers for s in stage.hub.stats()} == {"composite": 1, "split": 2}
    stage.hub.leave(split)
    assert len(stage.hub.stats()) == 2
    stage.hub.leave(also)
    assert [s.view for s in stage.hub.stats()] == ["composite"]
    await until(lambda: [e.closed for e in stage.encoders.opened].count(True) == 1)


async def test_a_viewer_who_turns_sees_the_old_view_until_the_new_one_begins(stage: Stage) -> None:
    watching, eyes = stage.watch()
    await stage.show(3)
    stage.hub.turn(watching, View("split", 1.0))
    await stage.show(3)
    assert re.fullmatch("Kddd*Kd*", eyes.kinds)  # in between, it went on with the old one
    assert len(eyes.seen) >= 6
    stage.hub.adapt()  # as it does twice a second: the one that nobody sees any more ends
    assert [s.view for s in stage.hub.stats()] == ["split"]


async def test_a_split_that_is_dragged_keeps_its_encoder(stage: Stage) -> None:
    watching, _ = stage.watch(View("split", 0.0))
    await stage.show(2)
    for position in range(1, 11):
        stage.hub.turn(watching, View("split", position / 10))
        await stage.show()
    assert len(stage.encoders.opened) == 1
    assert stage.encoders.opened[0].keyframes.count(True) == 1
    assert stage.encoders.opened[0].shades[-1] > 180  # all original
    _, other = stage.watch(View("split", 1.0))
    await stage.show(15)
    assert other.seen
    stage.hub.turn(watching, View("split", 0.0))  # now somebody else sees that one
    await stage.show(2)
    assert len(stage.hub.stats()) == 2


async def test_bitrates_follow_estimates_and_the_slow_get_a_rendition_of_their_own(
    stage: Stage,
) -> None:
    fast, fast_eyes = stage.watch()
    slow, slow_eyes = stage.watch()
    await stage.show(2)
    limits = EncodingSettings().limits(composite(0))
    stage.time.now_s += 60
    channel = fast.channel
    assert channel is not None
    for _ in range(10):
        fast.follower.estimate.told(2 * limits.max_bps)
        slow.follower.estimate.told(limits.min_bps / 2)
        channel.rendition.octets += limits.start_bps // 8  # as if sent in this second
        stage.time.now_s += 0.96
        await stage.show()
        stage.hub.adapt()
    await stage.show(4)
    by_height = {stats.height: stats for stats in stage.hub.stats()}
    assert sorted(by_height) == [24, 48]
    assert by_height[48].viewers == by_height[24].viewers == 1
    assert by_height[48].bitrate_bps == limits.max_bps
    assert by_height[24].bitrate_bps <= limits.at(2).start_bps
    assert len(fast_eyes.seen) == stage.shown
    assert slow_eyes.kinds.count("K") >= 2  # the small one began with a key frame
    stage.hub.leave(slow)
    assert [stats.height for stats in stage.hub.stats()] == [48]


async def test_when_no_encoder_works_its_viewers_are_told(stage: Stage) -> None:
    watching, eyes = stage.watch()
    stage.encoders.broken = True
    stage.broadcast.publish(composite(10))
    await until(lambda: watching.over)
    assert eyes.seen == []
    assert stage.hub.stats() == []
    stage.hub.leave(watching)


async def test_a_viewer_who_was_first_sees_the_picture_that_was_there_before(stage: Stage) -> None:
    stage.broadcast.publish(composite(77))
    await asyncio.sleep(0.01)
    _, eyes = stage.watch()
    await until(lambda: bool(eyes.seen))
    assert eyes.kinds == "K"


async def test_settings_scale_with_the_picture_and_must_be_in_order() -> None:
    settings = EncodingSettings()
    usual, large = settings.limits(None), settings.limits(composite(0, 0, (1920, 1080)))
    assert (usual.min_bps, usual.max_bps) == (500_000, 6_000_000)
    assert 1.5 < large.max_bps / usual.max_bps < 2.25
    with pytest.raises(ValueError, match="over max_kbps"):
        EncodingSettings(min_kbps=900, max_kbps=800)


async def test_a_fault_while_adapting_is_told_once_and_the_next_time_is_tried(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "ADAPT_S", 0.01)
    calls: list[None] = []

    def adapt() -> None:
        calls.append(None)
        raise ZeroDivisionError

    monkeypatch.setattr(stage.hub, "adapt", adapt)
    stage.watch()
    await until(lambda: len(calls) >= 3)
    assert caplog.text.count("will be tried again") == 1
