"""The virtual camera: black, then the newest composite, then black; and what it says when not."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from edge import plugins
from edge.errors import InputError, PublishError
from edge.frame import Composite
from edge.latest import Broadcast
from edge.publishers import Supply
from edge.publishers.v4l2loopback import VirtualCamera
from edge.v4l2.layout import Layout, black
from edge.webrtc.push import Push

LAYOUT = Layout(64, 48, "YUYV", 128, 128 * 48)
NODE = Path("/dev/video10")
BLACK = 16  # of luma, limited range


class Device:
    """Takes pictures and remembers the luma of their middle."""

    layout = LAYOUT

    def __init__(self) -> None:
        self.levels: list[int] = []
        self.closed = 0
        self.fault = 0
        self.may_go_on = threading.Event()
        self.may_go_on.set()

    def open(self, node: Path, size: tuple[int, int], pixel_format: str | None) -> Device:
        if self.fault:
            raise OSError(self.fault, os.strerror(self.fault))
        assert node == NODE
        return self

    def write(self, picture: bytes) -> bool:
        self.may_go_on.wait()
        if self.fault:
            raise OSError(self.fault, os.strerror(self.fault))
        assert len(picture) == LAYOUT.octets
        self.levels.append(picture[LAYOUT.octets // 2 + 64])
        return True

    def close(self) -> None:
        self.closed += 1


def grey(level: int) -> Composite:
    now = time.monotonic_ns()
    return Composite(np.full((48, 64, 3), level, np.uint8), 0, now, now)


def no_push(name: str) -> Push:
    raise AssertionError("a virtual camera needs no connection")


class Stand:
    """A virtual camera that publishes."""

    def __init__(self, device: Device, broadcast: Broadcast | None = None) -> None:
        self.device = device
        self.camera = VirtualCamera(NODE, (64, 48), None, device.open)  # type: ignore[arg-type]
        self.broadcast = broadcast or Broadcast(asyncio.get_running_loop())
        self.lives = 0
        self.task = asyncio.create_task(
            self.camera.publish(Supply(self.broadcast, no_push), self.live)
        )

    def live(self) -> None:
        self.lives += 1

    async def until(self, holds: Callable[[], object]) -> None:
        while not holds():  # noqa: ASYNC110  a fake device sets no event
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        self.task.cancel()
        await asyncio.wait([self.task])


async def test_it_is_black_until_the_first_composite_and_when_it_ends() -> None:
    stand = Stand(Device())
    await stand.until(lambda: len(stand.device.levels) > 1)  # repeated: a reader may come late
    assert set(stand.device.levels) == {BLACK}
    stand.broadcast.publish(grey(200))
    await stand.until(lambda: stand.device.levels[-1] > 150)
    await stand.stop()
    assert stand.device.levels[-1] == BLACK
    assert stand.device.closed == 1


async def test_a_still_composite_is_shown_again() -> None:
    broadcast = Broadcast(asyncio.get_running_loop())
    broadcast.publish(grey(200))
    await broadcast.newer_than(0)
    stand = Stand(Device(), broadcast)  # it came late, and nothing follows
    await stand.until(lambda: sum(level > 150 for level in stand.device.levels) > 2)
    assert stand.lives > 0
    assert stand.camera.sent >= stand.lives
    await stand.stop()


async def test_a_slow_device_gets_the_newest_and_slows_nobody() -> None:
    stand = Stand(Device())
    await stand.until(lambda: stand.device.levels)
    stand.device.may_go_on.clear()
    for level in range(40, 240, 2):
        stand.broadcast.publish(grey(level))  # returns, though nothing is taken
    stand.device.may_go_on.set()
    await stand.until(lambda: stand.device.levels[-1] > 200)
    assert len(set(stand.device.levels)) <= 4
    await stand.stop()


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOENT, "modprobe v4l2loopback exclusive_caps=1"),
        (errno.EACCES, "usermod -aG video"),
        (errno.ENOTTY, "takes no pictures"),
        (errno.EBUSY, "another program"),
        (errno.EMEDIUMTYPE, "YUYV, YU12, UYVY"),
        (errno.EIO, "Input/output error"),
    ],
)
async def test_why_it_does_not_open_is_told_with_what_to_do(number: int, words: str) -> None:
    device = Device()
    device.fault = number
    with pytest.raises(PublishError, match=words) as raised:
        await Stand(device).task
    assert "/dev/video10" in str(raised.value)
    assert device.closed == 0


async def test_a_device_that_goes_is_let_go() -> None:
    stand = Stand(Device())
    await stand.until(lambda: stand.device.levels)
    stand.device.fault = errno.ENODEV
    with pytest.raises(PublishError, match="no such device"):
        await stand.task
    assert stand.device.closed == 1


@pytest.mark.parametrize(
    ("argument", "label"),
    [
        ("10", "v4l2loopback:/dev/video10"),
        ("/dev/video3?size=640x360&format=i420", "v4l2loopback:/dev/video3"),
    ],
)
def test_is_named_after_its_device(argument: str, label: str) -> None:
    assert plugins.make("edge.publishers", f"v4l2loopback:{argument}").label == label


@pytest.mark.parametrize(
    "argument", ["", "camera", "/dev/video3?format=MJPG", "/dev/video3?size=1x1", "10?fps=30"]
)
def test_an_argument_that_makes_no_sense_is_refused(argument: str) -> None:
    with pytest.raises(InputError):
        plugins.make("edge.publishers", f"v4l2loopback:{argument}")


def test_black_fits_the_layout() -> None:
    assert len(black(LAYOUT)) == LAYOUT.octets
