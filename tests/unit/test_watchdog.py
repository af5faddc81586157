"""systemd is told that the service is well, exactly while it is."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from edge.frame import Composite
from edge.latest import Broadcast
from edge.watchdog import UNWATCHED_PERIOD_S, Notifier, keep_alive

WATCHDOG_S = 0.08


@pytest.fixture
def systemd(tmp_path: Path) -> Iterator[socket.socket]:
    """The socket that systemd listens at."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.setblocking(False)
        yield listening


def supervised(listening: socket.socket, **more: str) -> dict[str, str]:
    timeout_us = str(int(WATCHDOG_S * 1e6))
    return {"NOTIFY_SOCKET": listening.getsockname(), "WATCHDOG_USEC": timeout_us, **more}


def told(listening: socket.socket) -> list[str]:
    """The fields sent since this was last asked."""
    fields: list[str] = []
    while True:
        try:
            fields += listening.recv(4096).decode().split("\n")
        except BlockingIOError:
            return fields


async def told_soon(listening: socket.socket, field: str) -> None:
    deadline = asyncio.get_running_loop().time() + 10
    while field not in told(listening):
        assert asyncio.get_running_loop().time() < deadline, field
        await asyncio.sleep(0.01)


def picture(text: str | None = None) -> Composite:
    return Composite(np.zeros((2, 2, 3), np.uint8), 0, 0, 0, slate=text)


def test_fields_go_together_in_one_datagram(systemd: socket.socket) -> None:
    Notifier(supervised(systemd)).tell("READY=1", "STATUS=live")
    assert systemd.recv(4096) == b"READY=1\nSTATUS=live"


def test_an_abstract_socket_is_reached() -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        name = f"edge-matting-test-{os.getpid()}"
        listening.bind(f"\0{name}")
        listening.settimeout(5)
        Notifier({"NOTIFY_SOCKET": f"@{name}"}).tell("READY=1")
        assert listening.recv(4096) == b"READY=1"


def test_without_systemd_nothing_is_sent_and_nothing_fails() -> None:
    Notifier({}).tell("READY=1")


def test_a_supervisor_that_is_gone_is_no_error(tmp_path: Path) -> None:
    Notifier({"NOTIFY_SOCKET": str(tmp_path / "gone")}).tell("READY=1")


def test_a_supervisor_that_reads_nothing_does_not_block(systemd: socket.socket) -> None:
    notifier = Notifier(supervised(systemd))
    for _ in range(10_000):
        notifier.tell("WATCHDOG=1")
    assert "WATCHDOG=1" in told(systemd)


def test_children_do_not_learn_whom_to_notify(systemd: socket.socket) -> None:
    environment = supervised(systemd, WATCHDOG_PID=str(os.getpid()), PATH="/bin")
    Notifier(environment)
    assert environment == {"PATH": "/bin"}


def test_it_tells_several_times_in_the_time_that_systemd_waits(systemd: socket.socket) -> None:
    assert Notifier(supervised(systemd)).period_s == pytest.approx(WATCHDOG_S / 4)


@pytest.mark.parametrize("environment", [{}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "soon"}])
def test_nobody_waits_for_an_unwatched_process(environment: dict[str, str]) -> None:
    assert Notifier(environment).period_s == UNWATCHED_PERIOD_S


def test_a_watchdog_that_is_meant_for_another_process_is_not_ours() -> None:
    other = {"WATCHDOG_USEC": "80000", "WATCHDOG_PID": "1"}
    assert Notifier(other).period_s == UNWATCHED_PERIOD_S


async def test_systemd_hears_as_long_as_slates_are_published(systemd: socket.socket) -> None:
    broadcast = Broadcast(asyncio.get_running_loop())
    watching = asyncio.create_task(
        keep_alive(broadcast, lambda: "No picture:\n unplugged", Notifier(supervised(systemd)))
    )
    for _ in range(3):
        broadcast.publish(picture("No picture"))
        await told_soon(systemd, "WATCHDOG=1")
    watching.cancel()


async def test_systemd_hears_nothing_once_nothing_is_published(systemd: socket.socket) -> None:
    broadcast = Broadcast(asyncio.get_running_loop())
    watching = asyncio.create_task(
        keep_alive(broadcast, lambda: None, Notifier(supervised(systemd)))
    )
    await asyncio.sleep(5 * WATCHDOG_S)
    assert told(systemd) == []
    broadcast.publish(picture())
    await told_soon(systemd, "WATCHDOG=1")
    await asyncio.sleep(2 * WATCHDOG_S)  # a picture that was there already may be told once more
    told(systemd)
    await asyncio.sleep(5 * WATCHDOG_S)
    assert told(systemd) == []
    assert not watching.done()
    watching.cancel()


async def test_the_status_is_told_when_it_changes(systemd: socket.socket) -> None:
    broadcast = Broadcast(asyncio.get_running_loop())
    trouble: list[str | None] = [None]
    watching = asyncio.create_task(
        keep_alive(broadcast, lambda: trouble[0], Notifier(supervised(systemd)))
    )
    for trouble[0], status in ((None, "STATUS=live"), ("No picture:\n unplugged", "STATUS=No")):
        broadcast.publish(picture())
        fields: list[str] = []
        while not any(field.startswith(status) for field in fields):
            broadcast.publish(picture())
            await asyncio.sleep(0.01)
            fields += told(systemd)
        assert sum(field.startswith("STATUS=") for field in fields) == 1
    assert "STATUS=No picture: unplugged" in fields
    watching.cancel()
