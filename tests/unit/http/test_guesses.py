"""Wrong tokens are few."""

from __future__ import annotations

import pytest

from edge.http.guesses import BURST, PERIOD_S, REMEMBERED, Guesses


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def wrong(guesses: Guesses, address: str, times: int) -> None:
    for _ in range(times):
        guesses.wrong(address)


def test_an_address_waits_after_a_burst_of_wrong_tokens() -> None:
    guesses = Guesses(Clock())
    wrong(guesses, "192.0.2.1", BURST - 1)
    assert guesses.wait_s("192.0.2.1") == 0
    wrong(guesses, "192.0.2.1", 1)
    assert guesses.wait_s("192.0.2.1") == pytest.approx(PERIOD_S)
    assert guesses.wait_s("192.0.2.2") == 0


def test_time_gives_tries_back_one_by_one_up_to_the_burst() -> None:
    clock = Clock()
    guesses = Guesses(clock)
    wrong(guesses, "192.0.2.1", BURST)
    clock.now_s = PERIOD_S
    assert guesses.wait_s("192.0.2.1") == 0
    wrong(guesses, "192.0.2.1", 1)
    assert guesses.wait_s("192.0.2.1") > 0
    clock.now_s = 1000 * PERIOD_S
    wrong(guesses, "192.0.2.1", BURST - 1)
    assert guesses.wait_s("192.0.2.1") == 0
    wrong(guesses, "192.0.2.1", 1)
    assert guesses.wait_s("192.0.2.1") > 0


def test_one_ipv6_network_is_one_guesser() -> None:
    guesses = Guesses(Clock())
    for host in range(BURST):
        guesses.wrong(f"2001:db8::{host + 1:x}")
    assert guesses.wait_s("2001:db8::ffff") > 0
    assert guesses.wait_s("2001:db8:0:1::1") == 0


def test_an_address_is_the_same_in_both_families() -> None:
    guesses = Guesses(Clock())
    wrong(guesses, "::ffff:192.0.2.1", BURST)
    assert guesses.wait_s("192.0.2.1") > 0


def test_memory_is_bounded_and_the_newest_are_kept() -> None:
    guesses = Guesses(Clock())
    for number in range(REMEMBERED + 50):
        wrong(guesses, f"10.0.{number // 256}.{number % 256}", BURST)
    assert len(guesses._buckets) == REMEMBERED
    assert guesses.wait_s(f"10.0.{(REMEMBERED + 49) // 256}.{(REMEMBERED + 49) % 256}") > 0
    assert guesses.wait_s("10.0.0.0") == 0
