"""Devices that take pictures: a v4l2loopback, which other programs see as a camera."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Sequence
from pathlib import Path

from edge.v4l2 import structs as v4l2
from edge.v4l2 import system_ioctl
from edge.v4l2.formats import Ioctl
from edge.v4l2.layout import CONVERSIONS, Layout
from edge.v4l2.streaming import Stream

WAYS = v4l2.CAP_READWRITE | v4l2.CAP_STREAMING


class Output:
    """
    An open device that takes pictures.

    Args:
        node: such as /dev/video10.
        size: (width, height) to ask for; the device has the last word.
        pixel_format: to ask for; by default the device's own, if it is one that can be made.

    Attributes:
        layout: what the device granted.

    Raises:
        OSError: it cannot be opened (ENOENT, EACCES), takes no pictures (ENOTTY), is in use by
            another writer (EBUSY), or grants only formats that are not made here (EMEDIUMTYPE).
    """

    def __init__(
        self,
        node: Path,
        size: tuple[int, int],
        pixel_format: str | None = None,
        ioctl: Ioctl = system_ioctl,
    ) -> None:
        self._node, self._ioctl = node, ioctl
        self._stream: Stream | None = None
        self._written = False
        self._fd, self.layout = _opened(node, size, pixel_format, ioctl)

    def write(self, picture: bytes) -> bool:
        """
        Show ``picture``, ``layout.octets`` long.

        Returns:
            False: the device is not ready for it, and shows the last one on.

        Raises:
            OSError: the device is gone, or broken.
        """
        try:
            if self._stream is None:
                self._stream = self._write(picture)
            if self._stream is not None:
                self._stream.show(picture)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Let the device go. Not to be used after."""
        if self._stream is not None:
            self._stream.close()
        if self._fd >= 0:
            os.close(self._fd)

    def _write(self, picture: bytes) -> Stream | None:
        """
        Show ``picture`` by write(2), which v4l2loopback is made for; or give what to show it by.

        Other drivers may not know write, or refuse what comes by it: those of Linux 6.1 that check
        a picture's length find none.
        """
        try:
            os.write(self._fd, picture)
        except OSError as error:
            if error.errno != errno.EINVAL or self._written:
                raise
            return self._streaming()
        self._written = True
        return None

    def _streaming(self) -> Stream:
        """To be streamed to it is opened anew: a write that failed may hold its buffers."""
        before, size = self.layout, (self.layout.width, self.layout.height)
        os.close(self._fd)
        self._fd = -1
        self._fd, layout = _opened(self._node, size, before.pixel_format, self._ioctl)
        if layout != before:
            raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))  # somebody set it meanwhile
        return Stream(self._fd, self._ioctl)


def _opened(
    node: Path, size: tuple[int, int], pixel_format: str | None, ioctl: Ioctl
) -> tuple[int, Layout]:
    fd = os.open(node, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return fd, _granted(fd, size, pixel_format, ioctl)
    except BaseException:
        os.close(fd)
        raise


def takes_pictures(node: Path, ioctl: Ioctl = system_ioctl) -> str | None:
    """
    The name of the device at ``node`` if it takes pictures, or None.

    Raises:
        OSError: it cannot be opened or asked.
    """
    fd = os.open(node, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        return _name(fd, ioctl)
    finally:
        os.close(fd)


def outputs(dev: Path = Path("/dev"), ioctl: Ioctl = system_ioctl) -> dict[str, str]:
    """
    Path and name of each device that takes pictures, in the order of their numbers.

    What cannot be opened or asked is left out.
    """
    nodes = [node for node in dev.glob("video*") if node.name[5:].isdigit()]
    found = {}
    for node in sorted(nodes, key=lambda node: int(node.name[5:])):
        with contextlib.suppress(OSError):
            name = takes_pictures(node, ioctl)
            found.update({str(node): name} if name is not None else {})
    return found


def _name(fd: int, ioctl: Ioctl) -> str | None:
    capability = v4l2.Capability()
    ioctl(fd, v4l2.QUERYCAP, capability)
    caps: int = capability.capabilities
    if caps & v4l2.CAP_DEVICE_CAPS:
        caps = capability.device_caps
    if caps & v4l2.CAP_M2M or not (caps & v4l2.CAP_OUTPUT and caps & WAYS):
        return None
    name: bytes = capability.card
    return name.decode("utf-8", "replace")


def _granted(fd: int, size: tuple[int, int], wanted: str | None, ioctl: Ioctl) -> Layout:
    """Settle on a format: ask for each that may be, and take what the device makes of it."""
    if _name(fd, ioctl) is None:
        raise OSError(errno.ENOTTY, "takes no pictures")
    for letters in [wanted] if wanted else _order(fd, ioctl):
        asked = v4l2.Format(type=v4l2.OUTPUT)
        pix = asked.fmt.pix
        pix.width, pix.height = size
        pix.pixelformat, pix.field = v4l2.code_of(letters), v4l2.FIELD_NONE
        pix.colorspace, pix.private = v4l2.COLORSPACE_SRGB, v4l2.PRIVATE_MAGIC
        pix.ycbcr_enc, pix.quantization = v4l2.YCBCR_601, v4l2.LIMITED_RANGE
        try:
            ioctl(fd, v4l2.S_FMT, asked)
        except OSError as error:
            if error.errno == errno.EINVAL:  # not one of its formats
                continue
            raise
        layout = _layout(asked.fmt.pix)
        if layout is not None and wanted in (None, layout.pixel_format):
            return layout
    raise OSError(errno.EMEDIUMTYPE, "no format in common")


def _order(fd: int, ioctl: Ioctl) -> Sequence[str]:
    """The formats to ask for: the device's own first, for a reader may count on it already."""
    now = v4l2.Format(type=v4l2.OUTPUT)
    try:
        ioctl(fd, v4l2.G_FMT, now)
    except OSError:
        return tuple(CONVERSIONS)
    own = v4l2.fourcc(now.fmt.pix.pixelformat)
    return sorted(CONVERSIONS, key=lambda letters: letters != own)


def _layout(pix: v4l2.PixelFormat) -> Layout | None:
    """What was granted, or None where it is nothing that can be made."""
    letters, width, height = v4l2.fourcc(pix.pixelformat), int(pix.width), int(pix.height)
    if letters not in CONVERSIONS or width < 2 or height < 2 or width % 2 or height % 2:
        return None
    planar = letters == "YU12"
    stride = max(width if planar else 2 * width, int(pix.bytesperline))
    needed = stride * height * 3 // 2 if planar else stride * height
    return Layout(width, height, letters, stride, max(needed, int(pix.sizeimage)))
