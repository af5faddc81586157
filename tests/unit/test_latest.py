from __future__ import annotations

import asyncio
import threading
import time

import numpy as np
import pytest

from edge.frame import Composite
from edge.latest import Broadcast, Closed, Fork, Latest


def test_the_newest_wins_and_the_rest_are_counted() -> None:
    latest: Latest[int] = Latest()
    for item in range(3):
        latest.put(item)
    assert latest.get() == 2
    assert latest.dropped == 2


def test_a_taker_gives_up_after_its_time() -> None:
    assert Latest[int]().get(0.01) is None


def test_what_was_cleared_does_not_count_as_dropped() -> None:
    latest: Latest[int] = Latest()
    latest.put(1)
    latest.clear()
    assert latest.get(0) is None
    assert latest.dropped == 0


def test_a_fork_fills_the_second_while_it_is_wanted_and_counts_the_losses_of_one() -> None:
    first, second, wanted = Latest[int](), Latest[int](), [False]
    fork = Fork(first, second, lambda: wanted[0])
    fork.put(1)
    assert second.get(0) is None
    fork.put(2)
    assert (first.dropped, second.dropped) == (1, 0)
    wanted[0] = True
    fork.put(3)
    fork.put(4)
    assert (first.dropped, second.dropped) == (1, 1)
    assert (first.get(0), second.get(0)) == (4, 4)
    fork.put(5)
    fork.clear()
    assert (first.get(0), second.get(0)) == (None, None)


def test_what_comes_after_the_close_is_not_taken() -> None:
    latest: Latest[int] = Latest()
    latest.put(1)
    latest.close()
    latest.put(2)
    assert latest.get() == 1
    with pytest.raises(Closed):
        latest.get()


def test_closing_wakes_the_taker() -> None:
    latest: Latest[int] = Latest()
    threading.Timer(0.05, latest.close).start()
    with pytest.raises(Closed):
        latest.get(10)


def composite(index: int) -> Composite:
    return Composite(np.zeros((2, 2, 3), np.uint8), index, 0, time.monotonic_ns())


async def test_everyone_who_waits_gets_the_newest_composite() -> None:
    broadcast = Broadcast(asyncio.get_running_loop())
    waiting = [asyncio.create_task(broadcast.newer_than(0)) for _ in range(3)]
    await asyncio.sleep(0)
    await asyncio.to_thread(broadcast.publish, composite(7))
    assert [(s, c.index) for s, c in await asyncio.gather(*waiting)] == [(1, 7)] * 3


async def test_a_late_viewer_gets_the_picture_that_is_there() -> None:
    broadcast = Broadcast(asyncio.get_running_loop())
    broadcast.publish(composite(1))
    broadcast.publish(composite(2))
    await asyncio.sleep(0.01)
    sequence, newest = await asyncio.wait_for(broadcast.newer_than(0), 1)
    assert (sequence, newest.index) == (2, 2)


async def test_one_who_stops_waiting_takes_nothing_from_the_others() -> None:
    broadcast = Broadcast(asyncio.get_running_loop())
    gone, stays = (asyncio.create_task(broadcast.newer_than(0)) for _ in range(2))
    await asyncio.sleep(0)
    gone.cancel()
    broadcast.publish(composite(1))
    assert (await asyncio.wait_for(stays, 1))[0] == 1
