"""The sizes, formats and rates of a V4L2 device, and which of them to take."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator
from ctypes import Structure
from dataclasses import dataclass

from edge.v4l2 import structs as v4l2

Ioctl = Callable[[int, int, Structure], object]

# Offered where a camera names a range instead of a list.
COMMON_SIZES = ((640, 360), (640, 480), (960, 540), (1280, 720), (1920, 1080), (3840, 2160))
COMMON_FPS = (60.0, 30.0, 25.0, 15.0, 10.0, 5.0)

# What OpenCV turns into pictures, the cheapest and cleanest first: JPEG costs a decode and detail.
READABLE = ("YUYV", "UYVY", "NV12", "NV21", "YU12", "YV12", "BGR3", "RGB3", "MJPG", "JPEG")
LIVE_FPS = 24.0  # a smaller or compressed mode is better than one that is slower than this
ENOUGH_FPS = 30.0


@dataclass(frozen=True, slots=True)
class Mode:
    """A picture size in one pixel format ("MJPG", "YUYV"), and the rates it comes at."""

    width: int
    height: int
    fps: tuple[float, ...]
    pixel_format: str


def preferred(
    modes: Iterable[Mode],
    size: tuple[int, int] | None = None,
    fps: float | None = None,
    pixel_format: str | None = None,
) -> Mode | None:
    """
    The mode to take for what was wished: live first, then nearest to ``size`` (1280x720).

    Returns:
        The mode with the one rate to ask for in ``fps``; None where no mode fits.
    """
    width, height = size or (1280, 720)
    wanted_fps = fps or LIVE_FPS

    def cost(mode: Mode) -> tuple[bool, float, int]:
        slow = max(mode.fps, default=wanted_fps) < wanted_fps - 0.5
        distance = abs(mode.width - width) / width + abs(mode.height - height) / height
        return slow, distance, READABLE.index(mode.pixel_format)

    fitting = [
        mode
        for mode in modes
        if mode.pixel_format in READABLE and pixel_format in (None, mode.pixel_format)
    ]
    if not fitting:
        return None
    best = min(fitting, key=cost)
    rate = min(best.fps, key=lambda rate: abs(rate - (fps or ENOUGH_FPS)), default=ENOUGH_FPS)
    return Mode(best.width, best.height, (rate,), best.pixel_format)


def enumerate_modes(fd: int, buffer_type: int, ioctl: Ioctl) -> tuple[Mode, ...]:
    """All modes of the device open at ``fd``. Raises OSError when it is gone."""
    modes = []
    for number in range(64):
        description = v4l2.FormatDescription(index=number, type=buffer_type)
        if not _answers(fd, v4l2.ENUM_FMT, description, ioctl):
            break
        code: int = description.pixelformat
        for width, height in _sizes(fd, code, ioctl):
            rates = tuple(_rates(fd, v4l2.FrameInterval(0, code, width, height), ioctl))
            modes.append(Mode(width, height, rates, v4l2.fourcc(code)))
    return tuple(modes)


def _answers(fd: int, request: int, argument: Structure, ioctl: Ioctl) -> bool:
    """False at the end of a list, or where a driver does not enumerate at all."""
    try:
        ioctl(fd, request, argument)
    except OSError as error:
        if error.errno in (errno.EINVAL, errno.ENOTTY, errno.ENODATA):
            return False
        raise
    return True


def _sizes(fd: int, code: int, ioctl: Ioctl) -> Iterator[tuple[int, int]]:
    for number in range(256):
        size = v4l2.FrameSize(index=number, pixel_format=code)
        if not _answers(fd, v4l2.ENUM_FRAMESIZES, size, ioctl):
            return
        if size.type == v4l2.DISCRETE:
            yield size.extent[0], size.extent[1]
            continue
        w_min, w_max, w_step, h_min, h_max, h_step = size.extent
        for width, height in COMMON_SIZES:
            inside = w_min <= width <= w_max and h_min <= height <= h_max
            on_step = not ((width - w_min) % (w_step or 1) or (height - h_min) % (h_step or 1))
            if inside and on_step:
                yield width, height
        return


def _rates(fd: int, interval: v4l2.FrameInterval, ioctl: Ioctl) -> Iterator[float]:
    """Frames a second that ``interval``'s size and format come at, the fastest first."""
    found: set[float] = set()
    for number in range(256):
        interval.index = number
        if not _answers(fd, v4l2.ENUM_FRAMEINTERVALS, interval, ioctl):
            break
        periods = [
            interval.extent[i] / (interval.extent[i + 1] or 1)
            for i in range(0, 2 if interval.type == v4l2.DISCRETE else 4, 2)
        ]
        if interval.type == v4l2.DISCRETE:
            found.update(round(1 / period, 3) for period in periods if period)
            continue
        found.update(fps for fps in COMMON_FPS if periods[0] <= 1 / fps <= periods[1])
        break
    yield from sorted(found, reverse=True)
