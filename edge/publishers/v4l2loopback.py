"""``v4l2loopback:/dev/video10?size=1280x720&format=YUYV``: a camera for other programs here."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from edge.errors import InputError, PublishError
from edge.frame import Composite
from edge.latest import Closed, Latest
from edge.publishers import Supply
from edge.sources import _options
from edge.v4l2.layout import CONVERSIONS, black, packed
from edge.v4l2.output import Output

SIZE = (1280, 720)  # asked for unless another is given; the device has the last word
REPEAT_S = 0.25  # a program that has just opened it wants a picture soon
MAKE = "sudo modprobe v4l2loopback exclusive_caps=1 video_nr=10 card_label='Edge Matting'"
WHY = {
    errno.ENOENT: f"there is no such device. Make it: {MAKE}",
    errno.EACCES: "no permission to use it. Run `sudo usermod -aG video $USER`, and log in again.",
    errno.ENOTTY: f"this device takes no pictures; a camera only gives some. Make one: {MAKE}",
    errno.EBUSY: "another program publishes to it. Close that, or make a second device.",
    errno.EMEDIUMTYPE: f"it takes none of the formats {', '.join(CONVERSIONS)}, as it is set now",
}
WHY.update({errno.EPERM: WHY[errno.EACCES]})
WHY.update(dict.fromkeys((errno.ENXIO, errno.ENODEV), WHY[errno.ENOENT]))

Open = Callable[[Path, tuple[int, int], str | None], Output]


def make(argument: str) -> VirtualCamera:
    """The device, with the size and format to ask it for. Raises InputError."""
    target, options = _options.split(argument, ("size", "format"))
    if target.isdecimal():
        target = f"/dev/video{int(target)}"
    if not target.startswith("/"):
        raise InputError(f"v4l2loopback:{target}: wanted a path such as /dev/video10")
    letters = options.get("format", "").upper().replace("I420", "YU12") or None
    if letters not in (None, *CONVERSIONS):
        kinds = ", ".join(CONVERSIONS)
        raise InputError(f"format={letters}: a virtual camera is given one of {kinds}")
    size = _options.size(options["size"]) if "size" in options else SIZE
    return VirtualCamera(Path(target), size, letters)


class VirtualCamera:
    """
    Writes each composite to a V4L2 device, in a thread: black before the first, a still one again.

    Args:
        open: opens the device.
    """

    def __init__(
        self,
        node: Path,
        size: tuple[int, int],
        pixel_format: str | None = None,
        open: Open = Output,
    ) -> None:
        self.label = f"v4l2loopback:{node}"
        self.sent = 0
        self._node = node
        self._open = partial(open, node, size, pixel_format)

    async def publish(self, supply: Supply, live: Callable[[], None]) -> None:
        """See ``Publisher``."""
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[None] = loop.create_future()
        newest: Latest[Composite] = Latest()
        if supply.broadcast.newest is not None:
            newest.put(supply.broadcast.newest)
        supply.broadcast.listen(newest.put)

        def run() -> None:
            error: BaseException | None = None
            try:
                self._write_all(newest, lambda: _later(loop, live))
            except OSError as fault:
                error = PublishError(self._reason(fault))
                error.__cause__ = fault
            except Exception as fault:  # noqa: BLE001  raised where the thread is waited for
                error = fault
            _later(loop, _settle, ended, error)

        threading.Thread(target=run, name="virtual camera", daemon=True).start()
        try:
            await asyncio.shield(ended)
        finally:
            supply.broadcast.unlisten(newest.put)
            newest.clear()
            newest.close()
            await asyncio.wait([ended])  # cancelled, too: the device is free before this returns
            ended.exception()  # seen, if nobody waited for it any more

    def _write_all(self, newest: Latest[Composite], live: Callable[[], None]) -> None:
        """Open, and write until ``newest`` is closed."""
        output = self._open()
        try:
            empty = picture = black(output.layout)
            while True:
                if output.write(picture):
                    self.sent += 1
                    live()
                composite = newest.get(REPEAT_S)
                if composite is not None:
                    picture = packed(composite.image, output.layout)
        except Closed:
            output.write(empty)  # or whoever watches would see the last picture for ever
        finally:
            output.close()

    def _reason(self, error: OSError) -> str:
        number = error.errno or 0
        return f"{self._node}: {WHY.get(number, os.strerror(number))}"


def _later(loop: asyncio.AbstractEventLoop, call: Callable[..., None], *arguments: object) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(call, *arguments)


def _settle(ended: asyncio.Future[None], error: BaseException | None) -> None:
    if ended.done():
        return
    if error is not None:
        ended.set_exception(error)
    else:
        ended.set_result(None)
