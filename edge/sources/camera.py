"""``camera:/dev/video0?size=1280x720&fps=30&format=MJPG``: a V4L2 camera, in its own process."""

from __future__ import annotations

import errno
import os
import re
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from edge.errors import InputError, SourceError
from edge.frame import Frame
from edge.sources import Granted, _options
from edge.sources._camera_process import CameraProcess, Lost, Request, Silent
from edge.sources._limits import SILENCE_S

OPENING_S = 8.0  # a camera with autofocus may take seconds to its first picture
LIST = "`python -m edge sources` lists those there are."
WHY = {
    errno.ENOENT: f"no such camera. Plug it in, or choose another: {LIST}",
    errno.EBUSY: "the camera is in use. Close the other program that has it open.",
    errno.EACCES: "no permission to use it. Run `sudo usermod -aG video $USER`, and log in again.",
    errno.ENOTTY: f"this is no camera that captures pictures. {LIST}",
    errno.EIO: f"it does not open as a camera. Plug it in again, or choose another: {LIST}",
}
WHY.update({errno.EPERM: WHY[errno.EACCES]})
WHY.update(dict.fromkeys((errno.ENXIO, errno.ENODEV), WHY[errno.ENOENT]))


def make(argument: str) -> CameraSource:
    """
    ``N``, a node or a by-id path, with ``size``, ``fps`` and ``format`` if they are to be certain.

    Without them the best live mode near 1280x720 is taken. Raises InputError.
    """
    target, options = _options.split(argument, ("size", "fps", "format"))
    if target.isdecimal():
        target = f"/dev/video{int(target)}"
    if not target.startswith("/"):
        raise InputError(f"camera:{target}: wanted a number or a path such as /dev/video0. {LIST}")
    letters = options.get("format", "").upper()
    if letters and not re.fullmatch(r"[A-Z0-9]{4}", letters):
        raise InputError(f"format={letters}: wanted four letters such as MJPG or YUYV")
    return CameraSource(
        Request(
            target=target,
            size=_options.size(options["size"]) if "size" in options else None,
            fps=_options.fps(options["fps"]) if "fps" in options else None,
            pixel_format=letters or None,
        )
    )


class CameraSource:
    """
    One camera, opened anew by each iteration.

    Args:
        request: with ``v4l2`` off, nothing checks the target beforehand.
        start: starts the process that captures.
    """

    def __init__(
        self, request: Request, start: Callable[[Request], CameraProcess] = CameraProcess
    ) -> None:
        self.granted: Granted | None = None
        self._request = request
        self._start = start
        self._process: CameraProcess | None = None
        self._closed = False

    @property
    def label(self) -> str:
        """The camera's own name and its node."""
        node = Path(self._request.target).resolve().name
        try:  # the kernel's note of it: the device itself is not asked, so nothing can block
            name = Path("/sys/class/video4linux", node, "name").read_text(encoding="utf-8").strip()
        except OSError:
            return self._request.target
        return f"{name} ({self._request.target})"

    @property
    def note(self) -> str:
        """What the camera gives instead of what was asked, or ""."""
        asked, granted = self._request, self.granted
        if granted is None:
            return ""
        given = []
        if asked.pixel_format not in (None, granted.pixel_format):
            given.append(f"{granted.pixel_format or 'another format'} for {asked.pixel_format}")
        if asked.size not in (None, (granted.width, granted.height)):
            width, height = asked.size or (0, 0)
            given.append(f"{granted.width}x{granted.height} for {width}x{height}")
        if asked.fps and granted.fps and abs(granted.fps / asked.fps - 1) > 0.1:
            given.append(f"{granted.fps:.3g} fps for {asked.fps:.3g}")
        return f"The camera gives {', '.join(given)}." if given else ""

    def __iter__(self) -> Iterator[Frame]:
        if self._request.v4l2:
            self._check()
        with closing(self._start(self._request)) as process:
            self._process = process
            if self._closed:  # closed before there was anything to interrupt
                return
            try:
                yield from self._frames(process)
            except Silent as error:
                raise SourceError(f"{self.label}: {error}: unplugged or stuck?") from error
            except Lost as error:
                raise SourceError(f"{self.label}: {self._reason(error)}") from error

    def close(self) -> None:
        self._closed = True
        if self._process is not None:
            self._process.interrupt()

    def _frames(self, process: CameraProcess) -> Iterator[Frame]:
        timeout_s = OPENING_S
        while frame := process.newest(timeout_s):
            self.granted = process.granted
            yield frame
            slowest_fps = min(filter(None, (self._request.fps, _fps(self.granted))), default=30.0)
            timeout_s = max(SILENCE_S, 2.5 / slowest_fps)  # one frame a second is not silence

    def _check(self) -> None:
        """Refuse at once what no process needs to be started for. Asks the file system only."""
        target = Path(self._request.target)
        if sys.platform != "linux":
            raise SourceError(f"{target}: cameras are read through Linux's V4L2, which is not here")
        try:
            is_device = stat.S_ISCHR(target.stat().st_mode)
        except OSError as error:
            raise SourceError(f"{target}: {WHY.get(error.errno or 0, error.strerror)}") from error
        if not is_device:
            raise SourceError(f"{target}: {WHY[errno.ENOTTY]}")
        if not os.access(target, os.R_OK | os.W_OK):
            raise SourceError(f"{target}: {WHY[errno.EACCES]}")

    def _reason(self, error: Lost) -> str:
        if self._request.v4l2 and not Path(self._request.target).exists():
            return "it was unplugged. Plug it in again."
        if error.errno:
            return WHY.get(error.errno, os.strerror(error.errno))
        return f"{error}: unplugged or broken?"


def _fps(granted: Granted | None) -> float | None:
    return granted.fps if granted else None
