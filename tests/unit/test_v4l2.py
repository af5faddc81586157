"""Cameras as the kernel's V4L2 tells of them: the structures, and a driver that is played."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from ctypes import Structure, sizeof
from pathlib import Path

import pytest

from edge import v4l2
from edge.v4l2 import formats, structs
from edge.v4l2.formats import Mode, preferred

linux = pytest.mark.skipif(sys.platform != "linux", reason="V4L2 is Linux's")


@pytest.mark.parametrize(
    ("layout", "size", "request_number"),
    [  # of linux/videodev2.h on 64 bits, as a C compiler gives them
        (structs.Capability, 104, (structs.QUERYCAP, 0x80685600)),
        (structs.FormatDescription, 64, (structs.ENUM_FMT, 0xC0405602)),
        (structs.FrameSize, 44, (structs.ENUM_FRAMESIZES, 0xC02C564A)),
        (structs.FrameInterval, 52, (structs.ENUM_FRAMEINTERVALS, 0xC034564B)),
        (structs.RequestBuffers, 20, (structs.REQBUFS, 0xC0145608)),
        (structs.Format, 208, (structs.S_FMT, 0xC0D05605)),
        (structs.Buffer, 88, (structs.QUERYBUF, 0xC0585609)),
        (structs.Buffer, 88, (structs.QBUF, 0xC058560F)),
        (structs.Buffer, 88, (structs.DQBUF, 0xC0585611)),
        (structs.BufferType, 4, (structs.STREAMON, 0x40045612)),
        (structs.BufferType, 4, (structs.STREAMOFF, 0x40045613)),
        (structs.Format, 208, (structs.G_FMT, 0xC0D05604)),
    ],
)
def test_structures_are_the_kernels(
    layout: type[Structure], size: int, request_number: tuple[int, int]
) -> None:
    assert sizeof(layout) == size
    assert request_number[0] == request_number[1]


def code(letters: str) -> int:
    return int.from_bytes(letters.encode(), "little")


class Driver:
    """Plays the ioctls of one camera; ``fails`` names those that fail, with their errno."""

    def __init__(self, fails: dict[int, int] | None = None, **capability: object) -> None:
        self.fails = fails or {}
        self.capability = {
            "card": b"Brio 100: Kamera",
            "capabilities": structs.CAP_DEVICE_CAPS | structs.CAP_CAPTURE,
            "device_caps": structs.CAP_CAPTURE | structs.CAP_STREAMING,
            **capability,
        }
        self.buffers: list[int] = []
        self.stepwise = False

    def __call__(self, fd: int, request: int, argument: Structure) -> None:
        if request in self.fails:
            raise OSError(self.fails[request], os.strerror(self.fails[request]))
        answers: dict[int, Callable[[Structure], None]] = {
            structs.QUERYCAP: self._query,
            structs.ENUM_FMT: self._format,
            structs.ENUM_FRAMESIZES: self._size,
            structs.ENUM_FRAMEINTERVALS: self._interval,
            structs.REQBUFS: lambda asked: self.buffers.append(asked.count),
        }
        answers[request](argument)

    def _query(self, argument: Structure) -> None:
        for name, value in self.capability.items():
            setattr(argument, name, value)

    def _nth(self, argument: Structure, values: list[int]) -> int:
        if argument.index >= len(values):
            raise OSError(errno.EINVAL, "end of the list")
        index: int = argument.index
        return values[index]

    def _format(self, argument: Structure) -> None:
        argument.pixelformat = self._nth(argument, [code("YUYV"), code("MJPG")])

    def _size(self, argument: Structure) -> None:
        if self.stepwise:
            self._nth(argument, [0])
            argument.type = 3
            argument.extent[:] = [320, 1280, 2, 180, 720, 2]
            return
        argument.type = structs.DISCRETE
        which = self._nth(argument, [0, 1])
        argument.extent[:2] = [(640, 480), (1280, 720)][which]

    def _interval(self, argument: Structure) -> None:
        if self.stepwise:
            argument.type = 3
            argument.extent[:] = [1, 1000, 1, 10, 0, 0]  # 1 ms to 0.1 s
            return
        argument.type = structs.DISCRETE
        slow = argument.pixel_format == code("YUYV") and argument.width == 1280
        argument.extent[:2] = [1, self._nth(argument, [10] if slow else [30, 15])]


@pytest.fixture
def dev(tmp_path: Path) -> Path:
    """A /dev with two nodes of one camera, as UVC makes them, and a by-id link to the first."""
    for name in ("video0", "video10", "video2", "videodev"):
        (tmp_path / name).touch()
    by_id = tmp_path / "v4l" / "by-id"
    by_id.mkdir(parents=True)
    (by_id / "usb-Brio-video-index0").symlink_to("../../video0")
    return tmp_path


@linux
def test_lists_cameras_with_their_modes_in_the_order_of_their_numbers(dev: Path) -> None:
    found = v4l2.cameras(dev, Driver())
    assert [Path(camera.path).name for camera in found] == ["video0", "video2", "video10"]
    assert found[0].name == "Brio 100: Kamera"
    assert found[0].by_id == str(dev / "v4l" / "by-id" / "usb-Brio-video-index0")
    assert found[1].by_id is None
    assert found[0].modes == (
        Mode(640, 480, (30.0, 15.0), "YUYV"),
        Mode(1280, 720, (10.0,), "YUYV"),
        Mode(640, 480, (30.0, 15.0), "MJPG"),
        Mode(1280, 720, (30.0, 15.0), "MJPG"),
    )


@linux
def test_a_device_that_shows_what_a_program_publishes_is_marked(dev: Path) -> None:
    assert not any(camera.loopback for camera in v4l2.cameras(dev, Driver()))
    assert all(camera.loopback for camera in v4l2.cameras(dev, Driver(driver=b"v4l2 loopback")))


@linux
def test_a_range_of_sizes_and_rates_becomes_the_common_ones(dev: Path) -> None:
    driver = Driver()
    driver.stepwise = True
    modes = v4l2.modes(dev / "video0", driver)
    sizes = [(mode.width, mode.height) for mode in modes if mode.pixel_format == "MJPG"]
    assert sizes == [(640, 360), (640, 480), (960, 540), (1280, 720)]
    assert modes[0].fps == (60.0, 30.0, 25.0, 15.0, 10.0)


@linux
@pytest.mark.parametrize(
    "caps",
    [
        structs.CAP_STREAMING | 0x00800000,  # metadata, the second node of every UVC camera
        structs.CAP_STREAMING | 0x00000002,  # output
        structs.CAP_STREAMING | structs.CAP_CAPTURE | 0x00008000,  # a codec
        structs.CAP_CAPTURE,  # no streaming
    ],
)
def test_leaves_out_what_gives_no_pictures(dev: Path, caps: int) -> None:
    driver = Driver(device_caps=caps)
    assert v4l2.cameras(dev, driver) == []
    assert v4l2.trouble(dev / "video0", driver) == errno.ENOTTY


@linux
@pytest.mark.parametrize("number", [errno.ENOTTY, errno.EIO, errno.ENODEV])
def test_a_node_that_does_not_answer_is_left_out(dev: Path, number: int) -> None:
    assert v4l2.cameras(dev, Driver({structs.QUERYCAP: number})) == []


@linux
def test_a_driver_that_does_not_enumerate_is_a_camera_without_modes(dev: Path) -> None:
    driver = Driver({structs.ENUM_FRAMESIZES: errno.ENOTTY})
    (first, *_) = v4l2.cameras(dev, driver)
    assert first.modes == ()


@linux
def test_tells_that_a_camera_is_busy_missing_or_free(dev: Path) -> None:
    busy = Driver({structs.REQBUFS: errno.EBUSY})
    assert v4l2.trouble(dev / "video0", busy) == errno.EBUSY
    assert v4l2.trouble(dev / "video7", Driver()) == errno.ENOENT
    free = Driver()
    assert v4l2.trouble(dev / "video0", free) is None
    assert free.buffers == [1, 0]  # given back


@linux
def test_with_the_real_ioctl_no_device_is_no_camera() -> None:
    assert v4l2.trouble(Path("/dev/null")) == errno.ENOTTY
    assert v4l2.modes(Path("/dev/null")) == ()


def test_elsewhere_than_on_linux_there_are_none(dev: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert v4l2.cameras(dev, Driver()) == []


WEBCAM = (
    Mode(640, 480, (30.0,), "YUYV"),
    Mode(1280, 720, (10.0,), "YUYV"),
    Mode(1280, 720, (60.0, 30.0, 15.0), "MJPG"),
    Mode(1920, 1080, (30.0,), "MJPG"),
    Mode(1280, 720, (30.0,), "H264"),
)


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({}, Mode(1280, 720, (30.0,), "MJPG")),  # live beats uncompressed
        ({"pixel_format": "YUYV"}, Mode(640, 480, (30.0,), "YUYV")),
        ({"fps": 10.0}, Mode(1280, 720, (10.0,), "YUYV")),
        ({"fps": 60.0}, Mode(1280, 720, (60.0,), "MJPG")),
        ({"size": (1920, 1080)}, Mode(1920, 1080, (30.0,), "MJPG")),
        ({"size": (600, 400)}, Mode(640, 480, (30.0,), "YUYV")),
        ({"pixel_format": "H264"}, None),
    ],
)
def test_prefers_a_live_mode_near_the_wish(wish: dict[str, object], expected: Mode | None) -> None:
    assert preferred(WEBCAM, **wish) == expected  # type: ignore[arg-type]


def test_without_modes_there_is_nothing_to_prefer() -> None:
    assert preferred(()) is None


def test_of_equals_the_one_that_needs_no_decoding_is_preferred() -> None:
    modes = [Mode(1280, 720, (30.0,), "MJPG"), Mode(1280, 720, (30.0,), "YUYV")]
    assert preferred(modes) == modes[1]
    assert formats.READABLE.index("YUYV") < formats.READABLE.index("MJPG")
