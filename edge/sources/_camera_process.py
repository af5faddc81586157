"""A process that captures, as its parent sees it: pictures with time-outs, and an end by force."""

from __future__ import annotations

import json
import os
import select
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import edge
from edge.errors import SourceError
from edge.frame import Frame
from edge.sources import Granted
from edge.sources._slots import COUNT, FRAME, Announcement, Slot

END_S = 1.0  # how long to wait for a killed process to be gone
COMMAND = (sys.executable, "-m", "edge.sources._camera_child")


@dataclass(frozen=True, slots=True)
class Request:
    """
    What is asked of a camera.

    Attributes:
        target: a V4L2 node; or, with ``v4l2`` off, whatever OpenCV opens (a URL, in the tests).
    """

    target: str
    size: tuple[int, int] | None = None
    fps: float | None = None
    pixel_format: str | None = None
    v4l2: bool = True


class Silent(SourceError):
    """No picture came in the time allowed."""


class Lost(SourceError):
    """
    The process says that there are no pictures, or is gone itself.

    Attributes:
        errno: why, or 0 where nobody knows.
    """

    def __init__(self, message: str, errno: int = 0) -> None:
        super().__init__(message)
        self.errno = errno


class CameraProcess:
    """
    Spawns the process; ``close`` ends it, wedged or not. One thread calls ``newest``.

    Args:
        command: what to start; it is given the request as its last argument.

    Raises:
        SourceError: the system has no process or memory to spare.
    """

    def __init__(self, request: Request, command: Sequence[str] = COMMAND) -> None:
        self._closing = False
        self.granted: Granted | None = None
        self._link, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._slots = [Slot.create() for _ in range(COUNT)]
        fds = [slot.fd for slot in self._slots]
        asked = {**asdict(request), "socket": theirs.fileno(), "slots": fds}
        root = str(Path(edge.__file__).parents[1])
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        try:
            self._process = subprocess.Popen(
                [*command, json.dumps(asked)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # JPEG decoders comment on every scratched frame
                env={**os.environ, "PYTHONPATH": path},
                pass_fds=[theirs.fileno(), *fds],
                start_new_session=True,  # Ctrl-C is for the service, which ends this process
            )
        except OSError as error:
            self._free()
            raise SourceError(f"no process for the camera: {error.strerror}") from error
        finally:
            theirs.close()

    def newest(self, timeout_s: float) -> Frame | None:
        """
        The newest picture, copied, as soon as there is one; None once ``interrupt`` was called.

        Raises:
            Silent: none came within ``timeout_s``.
            Lost: the camera did not open, gives no more pictures, or its process ended.
        """
        announced = self._next(timeout_s)
        while announced and select.select([self._link], [], [], 0)[0]:
            self._give_back(announced)  # an older one: there is a newer already
            announced = self._next(0)
        if announced is None:
            return None
        image = self._slots[announced.slot].picture(announced.width, announced.height).copy()
        self._give_back(announced)
        self.granted = Granted(
            announced.width, announced.height, announced.fps or None, announced.pixel_format or None
        )
        return Frame(image, announced.index, announced.captured_ns)

    def interrupt(self) -> None:
        """End a waiting ``newest``. From any thread, any number of times."""
        self._closing = True
        with suppress(OSError):  # the process is gone, or the link was closed before
            self._link.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Kill the process and free the memory. For the thread that calls ``newest``."""
        self.interrupt()
        self._process.kill()
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            # Inside a driver that does not answer; it goes when the driver lets it.
            threading.Thread(target=self._process.wait, daemon=True).start()
        self._free()

    def _next(self, timeout_s: float) -> Announcement | None:
        if not select.select([self._link], [], [], timeout_s)[0]:
            raise Silent(f"no picture for {timeout_s:.1f} s")
        try:
            message = self._link.recv(4096)
        except OSError:
            message = b""
        if self._closing:
            return None
        if message[:1] == FRAME:
            return Announcement.unpack(message)
        if message:
            raise Lost("the camera gives no pictures", int(message[1:]))
        with suppress(subprocess.TimeoutExpired):  # its end of the link goes a little before it
            self._process.wait(END_S)
        raise Lost(f"the process that captures ended ({self._process.returncode})")

    def _give_back(self, announced: Announcement) -> None:
        with suppress(OSError):  # it is gone; the next read says so
            self._link.send(bytes([announced.slot]))

    def _free(self) -> None:
        self._link.close()
        for slot in self._slots:
            slot.close()
