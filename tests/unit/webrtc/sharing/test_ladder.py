"""Bitrates follow the viewers, and the slow never take from the fast."""

from __future__ import annotations

from dataclasses import dataclass, field

from edge.webrtc.sharing.ladder import HOLD_S, Follower, Limits, Rate, bitrate, sort

LIMITS = Limits(min_bps=500_000, start_bps=1_800_000, max_bps=6_000_000)
SMALL = LIMITS.at(2)


@dataclass
class Room:
    """Viewers with networks of a given capacity, over time."""

    followers: list[Follower]
    now_s: float = 100.0
    bps: dict[int, int] = field(default_factory=lambda: {1: LIMITS.start_bps, 2: SMALL.start_bps})

    def carry(self, *capacities: float | None) -> None:
        for follower, capacity in zip(self.followers, capacities, strict=True):
            if capacity is not None:
                follower.estimate.told(capacity)

    def go_on(self, seconds: float) -> None:
        for _ in range(int(2 * seconds)):
            self.now_s += 0.5
            sort(self.followers, LIMITS, {k: float(v) for k, v in self.bps.items()}, self.now_s)
            for divisor in (1, 2):
                here, rate = LIMITS.at(divisor), Rate(self.bps[divisor], self.bps[divisor])
                self.bps[divisor] = bitrate(self.followers, divisor, here, rate, self.now_s)

    @property
    def divisors(self) -> list[int]:
        return [follower.divisor for follower in self.followers]


def room(count: int) -> Room:
    return Room([Follower(joined_s=0.0) for _ in range(count)])


def test_without_any_estimate_it_stays_where_it_began() -> None:
    here = room(3)
    here.go_on(20)
    assert here.bps[1] == LIMITS.start_bps
    assert here.divisors == [1, 1, 1]


def test_a_wide_network_brings_it_to_the_highest_step_by_step() -> None:
    here = room(1)
    here.carry(50e6)
    here.go_on(1)
    assert LIMITS.start_bps < here.bps[1] < 3_000_000
    here.go_on(10)
    assert here.bps[1] == LIMITS.max_bps


def test_it_follows_the_narrowest_of_those_who_can_follow_at_once() -> None:
    here = room(3)
    here.carry(5e6, 3e6, 4e6)
    here.go_on(5)
    assert here.bps[1] == int(0.85 * 3e6)
    here.carry(5e6, 2.5e6, 4e6)
    here.go_on(0.5)
    assert here.bps[1] == int(0.85 * 2.5e6)
    assert here.divisors == [1, 1, 1]


def test_whoever_carries_less_than_half_of_most_gets_the_small_one() -> None:
    here = room(4)
    here.carry(6e6, 6e6, 6e6, 0.8e6)
    here.go_on(2)
    assert here.bps[1] >= 0.5 * 0.85 * 6e6  # not even while it is found out
    here.go_on(10)
    assert here.divisors == [1, 1, 1, 2]
    assert here.bps[1] == int(0.85 * 6e6)
    assert here.bps[2] == int(0.85 * 0.8e6)


def test_a_network_far_wider_than_needed_makes_nobody_slow() -> None:
    here = room(3)
    here.carry(1e9, 1e9, 4e6)
    here.go_on(20)
    assert here.divisors == [1, 1, 1]
    assert here.bps[1] == int(0.85 * 4e6)


def test_one_alone_below_the_lowest_gets_the_small_one() -> None:
    here = room(1)
    here.carry(0.3e6)
    here.go_on(10)
    assert here.divisors == [2]
    assert here.bps[2] == int(0.85 * 0.3e6)


def test_a_still_picture_does_not_bring_the_bitrate_below_where_it_began() -> None:
    viewers = room(1).followers
    viewers[0].estimate.told(0.1e6)  # it measures what comes, and that is little
    still = Rate(4_000_000, sent_bps=0.05e6)
    assert bitrate(viewers, 1, LIMITS, still, 100.0) == LIMITS.start_bps
    low = Rate(1_000_000, sent_bps=0.05e6)  # and it finds back there
    assert bitrate(viewers, 1, LIMITS, low, 100.0) == 1_150_000
    moving = Rate(4_000_000, sent_bps=2e6)  # now it comes, and the network does not carry it
    assert bitrate(viewers, 1, LIMITS, moving, 100.0) == LIMITS.min_bps


def test_a_low_estimate_of_a_still_picture_is_no_slow_network() -> None:
    here = room(1)
    here.carry(0.03e6)
    for _ in range(20):
        here.now_s += 0.5
        sort(here.followers, LIMITS, {1: 0.06e6}, here.now_s)  # hardly anything was sent
    still = Rate(LIMITS.start_bps, sent_bps=0.06e6)
    assert bitrate(here.followers, 1, LIMITS, still, here.now_s) == LIMITS.start_bps
    assert here.divisors == [1]


def test_a_short_dip_changes_nobodys_rendition() -> None:
    here = room(2)
    here.carry(5e6, 5e6)
    here.go_on(5)
    for _ in range(5):
        here.carry(5e6, 0.5e6)
        here.go_on(2)
        here.carry(5e6, 5e6)
        here.go_on(2)
    assert here.divisors == [1, 1]


def test_a_network_that_recovers_gets_the_large_one_back_after_a_while() -> None:
    here = room(2)
    here.carry(5e6, 0.5e6)
    here.go_on(10)
    assert here.divisors == [1, 2]
    here.carry(5e6, 4e6)
    here.go_on(HOLD_S - 2)
    assert here.divisors == [1, 2]
    here.go_on(4)
    assert here.divisors == [1, 1]


def test_who_is_tried_and_fails_is_tried_less_often() -> None:
    here = room(2)
    here.carry(5e6, 0.5e6)
    here.go_on(10)
    changes, last = [], 2
    for _ in range(400):
        here.carry(5e6, 4e6 if here.divisors[1] == 2 else 0.5e6)
        here.go_on(0.5)
        if here.divisors[1] != last:
            last = here.divisors[1]
            if last == 1:
                changes.append(here.now_s)
    waits = [later - sooner for sooner, later in zip(changes, changes[1:], strict=False)]
    assert len(waits) >= 2
    assert all(later > 1.3 * sooner for sooner, later in zip(waits, waits[1:], strict=False))


def test_a_newcomer_does_not_pull_the_others_down() -> None:
    here = room(2)
    here.carry(5e6, 5e6)
    here.go_on(5)
    here.followers.append(Follower(joined_s=here.now_s))
    here.carry(5e6, 5e6, 2.2e6)
    here.go_on(1)
    assert here.bps[1] == int(0.85 * 5e6)


def test_one_who_wants_key_frame_upon_key_frame_gets_the_small_one() -> None:
    here = room(2)
    for _ in range(8):
        for _ in range(10):  # a request is repeated until it is answered
            here.followers[1].asked(here.now_s)
        here.go_on(1)
    assert here.divisors == [1, 2]


def test_a_few_key_frames_are_no_reason() -> None:
    here = room(1)
    for _ in range(20):
        here.followers[0].asked(here.now_s)
        here.go_on(5)
    assert here.divisors == [1]


def test_the_small_one_has_a_quarter_of_the_bits() -> None:
    assert Limits(125_000, 450_000, 1_500_000) == SMALL
