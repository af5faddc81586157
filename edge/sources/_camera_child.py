"""
The process that talks to a camera: ``python -m edge.sources._camera_child REQUEST``.

A driver may never come back from a read, and no thread can be ended from outside; a process can.
REQUEST is JSON: the fields of ``_camera_process.Request``, and the socket and the slots as file
numbers. The process ends when the socket's other end is gone, whatever a read is doing.
"""

from __future__ import annotations

import errno
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edge import v4l2
from edge.frame import Rgb
from edge.sources._slots import LOST, Announcement, Slot
from edge.v4l2.formats import preferred

FAILING_S = 0.3  # this long without a picture, one attempt after the other, is a lost camera
PAUSE_S = 0.01


def main() -> None:
    request: dict[str, Any] = json.loads(sys.argv[1])
    link = socket.socket(fileno=request["socket"])
    slots = [Slot(fd) for fd in request["slots"]]
    free = list(range(len(slots)))
    threading.Thread(target=_take_back, args=(link, free), daemon=True).start()
    cv2.setNumThreads(1)
    try:
        camera = _open(request)
        if camera.isOpened():
            _capture(camera, link, slots, free)
        else:
            reason = v4l2.trouble(Path(request["target"])) if request["v4l2"] else None
            link.send(LOST + str(reason or errno.EIO).encode())
    except OSError:
        pass  # the other end is gone: nobody is left to tell


def _take_back(link: socket.socket, free: list[int]) -> None:
    """Collect the slots that the parent is done with. Without a parent, end at once."""
    try:
        while number := link.recv(1):
            free.append(number[0])
    except OSError:
        pass
    os._exit(0)  # the main thread may be inside a read that never returns


def _open(request: dict[str, Any]) -> cv2.VideoCapture:
    if not request["v4l2"]:
        return cv2.VideoCapture(request["target"])
    size, fps, letters = request["size"], request["fps"], request["pixel_format"]
    modes = v4l2.modes(Path(request["target"]))
    mode = preferred(modes, size, fps, letters) or preferred(modes, size, fps)
    if mode:  # with another format where the wished one is not offered: the parent says so
        size, fps = size or (mode.width, mode.height), fps or mode.fps[0]
        letters = mode.pixel_format
    camera = cv2.VideoCapture(request["target"], cv2.CAP_V4L2)
    # One by one, not as parameters of open: there, one value that a driver refuses fails it all.
    # The format before the size, for a driver's sizes depend on it.
    if letters:
        camera.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*letters))
    if size:
        camera.set(cv2.CAP_PROP_FRAME_WIDTH, size[0])
        camera.set(cv2.CAP_PROP_FRAME_HEIGHT, size[1])
    if fps:
        camera.set(cv2.CAP_PROP_FPS, fps)
    return camera


def _pictures(camera: cv2.VideoCapture) -> Iterator[tuple[Rgb, int]]:
    """(BGR picture, its instant), until the camera has failed for a while."""
    good_s = time.monotonic()
    while time.monotonic() - good_s < FAILING_S:
        good, picture = camera.read()
        captured_ns = time.monotonic_ns()
        if good and picture is not None and picture.ndim == 3 and picture.size:
            yield np.asarray(picture, np.uint8), captured_ns
            good_s = time.monotonic()
        else:
            time.sleep(PAUSE_S)


def _capture(
    camera: cv2.VideoCapture, link: socket.socket, slots: list[Slot], free: list[int]
) -> None:
    size, fps, letters = (0, 0), 0.0, ""
    for index, (picture, captured_ns) in enumerate(_pictures(camera)):
        height, width = picture.shape[:2]
        if (width, height) != size:  # at the first good picture, and when the camera changes it
            size, fps, letters = (width, height), *_granted(camera)
        if not free:
            continue  # the parent is busy: this one is dropped
        slot = free.pop(0)
        cv2.cvtColor(picture, cv2.COLOR_BGR2RGB, dst=slots[slot].picture(width, height))
        link.send(Announcement(slot, width, height, index, captured_ns, fps, letters).pack())
    link.send(LOST + b"0")


def _granted(camera: cv2.VideoCapture) -> tuple[float, str]:
    """What the driver says it does, which need not be what was asked."""
    fps, code = camera.get(cv2.CAP_PROP_FPS), int(camera.get(cv2.CAP_PROP_FOURCC))
    letters = code.to_bytes(4, "little", signed=code < 0).decode("latin-1").rstrip("\0 ")
    plain = letters.isascii() and letters.isprintable()
    return (fps if 0 < fps <= 1000 else 0.0), (letters if plain else "")


if __name__ == "__main__":
    main()
