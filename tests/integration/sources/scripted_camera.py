"""
Stands in for the process that captures: the real one, with a camera that follows a script.

The target is a list of steps: ``640x480*5`` gives five pictures, ``false*3`` fails three reads,
``hang`` never returns, ``crash`` ends the process, ``busy`` does not open.
"""

from __future__ import annotations

import errno
import os
import re
import time
from typing import Any

import cv2

from edge import v4l2
from edge.frame import Rgb
from edge.sources import _camera_child as child
from edge.sources import bars

PERIOD_S = 0.02


class ScriptedCamera:
    def __init__(self, script: str) -> None:
        self._opens = script != "busy"
        self._steps = [self._step(text) for text in script.split(",")]
        self._index = 0

    @staticmethod
    def _step(text: str) -> tuple[str, int]:
        name, _, times = text.partition("*")
        return name, int(times or 1)

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return self._opens

    def get(self, name: int) -> float:
        return {
            cv2.CAP_PROP_FPS: 50.0,
            cv2.CAP_PROP_FOURCC: float(cv2.VideoWriter.fourcc(*"YUYV")),
        }[name]

    def read(self) -> tuple[bool, Rgb | None]:
        time.sleep(PERIOD_S)
        if not self._steps:
            return False, None
        name, times = self._steps[0]
        self._steps[:1] = [(name, times - 1)] if times > 1 else []
        if name == "hang":
            time.sleep(3600)
        if name == "crash":
            os._exit(7)
        size = re.fullmatch(r"(\d+)x(\d+)", name)
        if not size:
            return False, None
        picture = bars.paint(self._index, (int(size[1]), int(size[2])))
        self._index += 1
        return True, picture[:, :, ::-1].copy()


def open_scripted(request: dict[str, Any]) -> Any:
    return ScriptedCamera(request["target"])


if __name__ == "__main__":
    child._open = open_scripted
    if os.environ.get("SCRIPTED_TROUBLE"):
        v4l2.trouble = lambda node, ioctl=None: errno.EBUSY
    child.main()
