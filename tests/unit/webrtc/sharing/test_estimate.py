"""What a viewer's reports say of its network."""

from __future__ import annotations

import pytest

from edge.webrtc.sharing.estimate import Estimate


def test_nothing_is_known_before_the_first_report() -> None:
    assert Estimate().bps is None


def test_what_the_viewer_says_counts() -> None:
    estimate = Estimate()
    estimate.told(3e6)
    estimate.told(2e6)
    assert estimate.bps == 2e6


def test_heavy_losses_bring_it_below_what_is_sent_and_again_with_each_report() -> None:
    estimate = Estimate()
    estimate.told(9e6)
    estimate.lost(0.4, sent_bps=2e6)
    assert estimate.bps == pytest.approx(1.6e6)
    estimate.lost(0.4, sent_bps=2e6)
    assert estimate.bps == pytest.approx(1.28e6)


def test_a_few_losses_change_nothing() -> None:
    estimate = Estimate()
    estimate.lost(0.05, sent_bps=2e6)
    assert estimate.bps is None
    assert estimate.lost_share == 0.05


def test_without_losses_it_recovers_and_then_holds_nothing_back() -> None:
    estimate = Estimate()
    estimate.lost(0.5, sent_bps=1e6)
    before = estimate.bps
    assert before is not None
    estimate.lost(0.0, sent_bps=1e6)
    assert estimate.bps == pytest.approx(1.08 * before)
    for _ in range(30):
        estimate.lost(0.0, sent_bps=1e6)
    assert estimate.bps is None


def test_losses_while_nothing_is_sent_say_nothing() -> None:
    estimate = Estimate()
    estimate.lost(1.0, sent_bps=0)
    assert estimate.bps is None
