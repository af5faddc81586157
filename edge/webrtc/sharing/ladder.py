"""
At what bitrate each rendition is made, and who gets the smaller one.

All who see the same share one encoder, so its bitrate is what the slowest of them carries; but who
carries less than half of what most do, or less than a picture of this size needs, is given a
rendition of half the size and rate instead, so that the slow never take from the fast.
"""

from __future__ import annotations

import statistics
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from edge.webrtc.sharing.estimate import Estimate

HEADROOM = 0.85  # of what a network carries; the rest is for retransmissions and reports
HALF = 0.5  # who carries less than this part of the median is slow
FOLLOWS = 0.75  # who carries less than this part of what is really sent cannot follow
IDLE = 0.5  # less than this part of what is aimed at, or of the lowest bitrate, says nothing
FULL = 0.8  # nobody is slow while less than this part of the lowest bitrate is sent at all
STEP_UP = 1.15  # at most, at a time
SLOW_FOR_S, FRESH_S, PROMOTED_S = 3.0, 3.0, 8.0
HOLD_S, LONGEST_HOLD_S = 10.0, 300.0  # until a slow viewer is tried with the larger one again
RESTLESS, RESTLESS_S, ASK_S = 5, 15.0, 1.0  # asks for key frames in that time, one a second counted
SMALL = 2  # the divisor of the smaller rendition


@dataclass(frozen=True, slots=True)
class Limits:
    """Bitrates of a rendition, in bits a second."""

    min_bps: int
    start_bps: int
    max_bps: int

    def at(self, divisor: int) -> Limits:
        """Those of a rendition with so many times fewer pixels on a side, and pictures."""
        parts = divisor**2
        return Limits(self.min_bps // parts, self.start_bps // parts, self.max_bps // parts)

    def clamp(self, bps: float) -> int:
        """``bps`` within the limits."""
        return int(min(max(bps, self.min_bps), self.max_bps))


@dataclass(slots=True)
class Follower:
    """One viewer on the ladder. ``divisor`` says which rendition it is to get."""

    joined_s: float
    estimate: Estimate = field(default_factory=Estimate)
    divisor: int = 1
    hold_s: float = HOLD_S
    promoted_s: float | None = None
    changing_s: float | None = None  # since when it looks as if it should change
    asks_s: deque[float] = field(default_factory=lambda: deque(maxlen=RESTLESS))

    def fresh(self, now_s: float) -> bool:
        """Too new to be counted on: its estimate has yet to grow."""
        promoted = self.promoted_s is not None and now_s - self.promoted_s < PROMOTED_S
        return promoted or now_s - self.joined_s < FRESH_S

    def asked(self, now_s: float) -> None:
        """It wants a key frame, which costs all who see the same."""
        if not self.asks_s or now_s - self.asks_s[-1] >= ASK_S:
            self.asks_s.append(now_s)

    def restless(self, now_s: float) -> bool:
        """It loses so much that its key frames spoil the picture of the others."""
        return len(self.asks_s) == RESTLESS and now_s - self.asks_s[0] < RESTLESS_S

    def lasts(self, holds: bool, for_s: float, now_s: float) -> bool:
        """Whether ``holds`` has held for ``for_s``."""
        if not holds:
            self.changing_s = None
            return False
        if self.changing_s is None:
            self.changing_s = now_s
        return now_s - self.changing_s >= for_s


def sort(
    followers: Sequence[Follower], limits: Limits, sent_bps: dict[int, float], now_s: float
) -> None:
    """
    Give each follower its divisor.

    Args:
        limits: of the large rendition.
        sent_bps: what each rendition really gives, by divisor.
    """
    here = _carried([f for f in followers if f.divisor == 1], limits)
    fair_bps = HALF * HEADROOM * statistics.median_high(here) if here else 0.0
    least_bps = max(limits.min_bps, fair_bps)
    idle = sent_bps.get(1, 0.0) < FULL * limits.min_bps
    enough_bps = min(1.2 * least_bps, limits.at(SMALL).max_bps)
    for follower in followers:
        carried = follower.estimate.bps
        if carried is None:  # it never told: nothing speaks against it
            carried = float("inf")
        if follower.divisor == 1:
            behind = carried < FOLLOWS * sent_bps.get(1, 0.0) and not idle
            if follower.restless(now_s):
                _demote(follower, now_s)
                continue
            slow = behind and HEADROOM * carried < least_bps
            probing = follower.promoted_s is not None and follower.fresh(now_s)
            if follower.lasts(slow, PROMOTED_S if probing else SLOW_FOR_S, now_s):
                _demote(follower, now_s)
        elif follower.lasts(HEADROOM * carried >= enough_bps, follower.hold_s, now_s):
            follower.divisor, follower.promoted_s, follower.changing_s = 1, now_s, None


@dataclass(frozen=True, slots=True)
class Rate:
    """What a rendition is encoded at, and what really came of it; a still picture takes little."""

    aimed_bps: int
    sent_bps: float


def bitrate(
    followers: Sequence[Follower], divisor: int, limits: Limits, rate: Rate, now_s: float
) -> int:
    """
    What the rendition of ``divisor`` is to be encoded at.

    A viewer measures what comes, so its estimate stays low while little is sent: then it is no
    reason to go below where a rendition begins, or after a still each motion would be blurred for
    half a minute.

    Args:
        limits: of this rendition.
    """
    here = [f for f in followers if f.divisor == divisor and f.estimate.bps is not None]
    counted = [f for f in here if not f.fresh(now_s)] or here
    carried = _carried(counted, limits)
    if not carried:
        return limits.clamp(rate.aimed_bps)
    least_bps = max(min(carried), HALF * statistics.median_high(carried))
    bps = HEADROOM * least_bps
    most_bps = STEP_UP * rate.aimed_bps
    if rate.sent_bps < IDLE * max(rate.aimed_bps, limits.min_bps):
        bps = max(bps, min(most_bps, limits.start_bps))
    elif least_bps >= rate.sent_bps:
        bps = max(bps, min(rate.aimed_bps, limits.start_bps))
    return limits.clamp(min(bps, most_bps))


def _carried(followers: Sequence[Follower], limits: Limits) -> list[float]:
    """What each is known to carry; more than is ever needed counts no more than that."""
    needed_bps = limits.max_bps / HEADROOM
    known = [follower.estimate.bps for follower in followers]
    return [min(bps, needed_bps) for bps in known if bps is not None]


def _demote(follower: Follower, now_s: float) -> None:
    if follower.promoted_s is not None and now_s - follower.promoted_s < 2 * PROMOTED_S:
        follower.hold_s = min(2 * follower.hold_s, LONGEST_HOLD_S)
    follower.divisor, follower.promoted_s, follower.changing_s = SMALL, None, None
    follower.asks_s.clear()
