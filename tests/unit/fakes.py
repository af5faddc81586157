"""Sources and models that do as a test tells them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import numpy as np

from edge.errors import SourceError
from edge.frame import Frame, Matte, Rgb
from edge.sources import Granted

ROOM = (255, 0, 255)  # a colour that nothing else has


def room_with_person(size: tuple[int, int] = (192, 108)) -> tuple[Rgb, np.ndarray]:
    """A grey box in a magenta room, and its exact alpha."""
    width, height = size
    alpha = np.zeros((height, width), np.float32)
    alpha[height // 3 :, width // 3 : 2 * width // 3] = 1
    image = np.full((height, width, 3), ROOM, np.uint8)
    image[alpha > 0] = 120
    return image, alpha


class FakeSource:
    """Gives the same picture at ``fps``; ``break_with`` ends it, ``silent`` makes it wait."""

    note = ""

    def __init__(self, image: Rgb | None = None, fps: float = 100, label: str = "fake") -> None:
        self.image = room_with_person()[0] if image is None else image
        self.fps = fps
        self.label = label
        self.granted: Granted | None = None
        self.opened = 0
        self.closed = threading.Event()
        self.silent = threading.Event()
        self.fault: str | None = None

    def __iter__(self) -> Iterator[Frame]:
        self.opened += 1
        index = 0
        while not self.closed.wait(1 / self.fps):
            if self.fault:
                raise SourceError(self.fault)
            if self.silent.is_set():
                continue
            self.granted = Granted(self.image.shape[1], self.image.shape[0])
            yield Frame(self.image, index, time.monotonic_ns())
            index += 1

    def close(self) -> None:
        self.closed.set()


class FakeModel:
    """Gives ``alpha``, or raises what ``alpha`` raises when called."""

    def __init__(self, alpha: Callable[[], np.ndarray]) -> None:
        self.alpha = alpha
        self.resets = 0

    def matte(self, frame: Frame) -> Matte:
        return Matte(self.alpha())

    def reset(self) -> None:
        self.resets += 1


def eventually(holds: Callable[[], object], within_s: float = 10) -> None:
    """Wait until ``holds``; fail if it does not in time."""
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, f"not within {within_s} s: {holds}"
        time.sleep(0.01)
