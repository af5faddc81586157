"""
Pictures from one process to another, through shared memory.

The child that captures owns the slots until it names one in a message; the parent copies the
picture out and gives the slot back by its number. So no picture is torn, and a slow parent costs
frames, never delay. The memory has no name: it is gone when both processes are.
"""

from __future__ import annotations

import mmap
import os
import struct
from dataclasses import dataclass

import numpy as np

from edge.frame import Rgb

COUNT = 3  # one being read, one waiting, one being written

FRAME, LOST = (
    b"F",
    b"L",
)  # a message's first byte: a picture; an errno in digits, 0 if it only fell silent
_LAYOUT = struct.Struct("<BIIQQf4s")


@dataclass(frozen=True, slots=True)
class Announcement:
    """One picture in a slot, and what the camera says of itself (0 and "" where it does not)."""

    slot: int
    width: int
    height: int
    index: int
    captured_ns: int
    fps: float
    pixel_format: str

    def pack(self) -> bytes:
        letters = self.pixel_format.encode("latin-1")
        return FRAME + _LAYOUT.pack(
            self.slot, self.width, self.height, self.index, self.captured_ns, self.fps, letters
        )

    @classmethod
    def unpack(cls, message: bytes) -> Announcement:
        slot, width, height, index, captured_ns, fps, letters = _LAYOUT.unpack(message[1:])
        pixel_format = letters.decode("latin-1").rstrip("\0 ")
        return cls(slot, width, height, index, captured_ns, fps, pixel_format)


class Slot:
    """Room for one picture in a file without a name. It grows, and never shrinks."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self._memory: mmap.mmap | None = None

    @classmethod
    def create(cls) -> Slot:
        return cls(os.memfd_create("camera", os.MFD_CLOEXEC))

    def picture(self, width: int, height: int) -> Rgb:
        """The slot as a (height, width, 3) picture; what is written to it, the other side sees."""
        size = width * height * 3
        if self._memory is None or len(self._memory) < size:
            if os.fstat(self.fd).st_size < size:
                os.ftruncate(self.fd, size)
            self._memory = mmap.mmap(self.fd, size)
        return np.frombuffer(self._memory, np.uint8, size).reshape(height, width, 3)

    def close(self) -> None:
        """Close the file. The memory goes with the last picture that looks at it."""
        os.close(self.fd)
        self._memory = None
