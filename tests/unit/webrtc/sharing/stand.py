"""Encoders that only count, and viewers that only note what they are given."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Sequence

import numpy as np

from edge.encoders import I420, CodecName, Coded, Encoder, Kind, Wanted
from edge.encoders._order import Encoders
from edge.errors import EdgeError, EncoderError
from edge.frame import Composite
from edge.webrtc.sharing.packets import Picture


class Time:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class Counting:
    """
    Makes two bytes of each picture: the shade of its first pixel, twice.

    Attributes:
        shades, keyframes: of each picture so far.
        fault: given instead of a picture.
    """

    def __init__(self, wanted: Wanted, restarts: bool = False) -> None:
        self.wanted = wanted
        self.shades: list[int] = []
        self.keyframes: list[bool] = []
        self.aims: list[int] = []
        self.fault: str | None = None
        self.closed = False
        self.hold = threading.Event()
        self.hold.set()
        self._restarts = restarts

    def encode(self, planes: I420, pts: int, keyframe: bool) -> list[Coded]:
        assert planes.shape == (self.wanted.height * 3 // 2, self.wanted.width)
        self.hold.wait(10)
        if self.fault:
            raise EncoderError(self.fault)
        self.keyframes.append(keyframe or not self.keyframes)
        self.shades.append(int(planes[0, 0]))
        return [Coded(bytes([self.shades[-1]] * 2), pts, self.keyframes[-1])]

    def aim(self, bitrate_bps: int) -> bool:
        self.aims.append(bitrate_bps)
        return self._restarts

    def close(self) -> None:
        self.closed = True


class FakeEncoders(Encoders):
    """Opens ``Counting`` encoders, and keeps them."""

    def __init__(self, restarts: bool = False) -> None:
        super().__init__(["libx264:"])
        self.opened: list[Counting] = []
        self.faults: list[str] = []
        self.broken = False
        self._restarts = restarts

    def open(self, codec: CodecName, wanted: Wanted) -> tuple[Kind, Encoder]:
        if self.broken:
            raise EncoderError("no encoder works here")
        self.opened.append(Counting(wanted, self._restarts))
        return Kind(f"fake{len(self.opened)}", codec, lambda _: self.opened[-1]), self.opened[-1]

    def failed(self, kind: Kind, error: EdgeError) -> None:
        self.faults.append(f"{kind.name}: {error}")

    @property
    def encoded(self) -> int:
        """Pictures, by all of them."""
        return sum(len(encoder.shades) for encoder in self.opened)


def composite(shade: int, captured_ms: int = 0, size: tuple[int, int] = (64, 48)) -> Composite:
    """Gray of ``shade``, as captured then."""
    image = np.full((size[1], size[0], 3), shade, np.uint8)
    stamp = captured_ms * 10**6
    original = np.full_like(image, 255 - shade)
    return Composite(image, 0, stamp, stamp, None, original)


class Eyes:
    """One viewer's way: notes the pictures, and refuses them while it is ``full``."""

    def __init__(self) -> None:
        self.seen: list[Picture] = []
        self.full = False

    def __call__(self, picture: Picture) -> bool:
        if not self.full:
            self.seen.append(picture)
        return not self.full

    @property
    def kinds(self) -> str:
        """Such as "Kddd"."""
        return "".join("K" if picture.keyframe else "d" for picture in self.seen)


async def until(holds: Callable[[], bool], within_s: float = 20) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, "it never came about"
        await asyncio.sleep(0.005)


def growing(values: Sequence[int]) -> bool:
    return list(values) == sorted(set(values))
