"""Handing pictures to a V4L2 device in memory that is shared with its driver."""

from __future__ import annotations

import contextlib
import errno
import mmap
import os

from edge.v4l2 import structs as v4l2
from edge.v4l2.formats import Ioctl

BUFFERS = 2  # one is shown, one waits: more would only be delay. The driver may add some


class Stream:
    """
    Streaming output of an open device whose format is set.

    Raises:
        OSError: it cannot stream, or another program does.
    """

    def __init__(self, fd: int, ioctl: Ioctl) -> None:
        self._fd = fd
        self._ioctl = ioctl
        self._on = False
        self._maps: list[mmap.mmap] = []
        request = v4l2.RequestBuffers(count=BUFFERS, type=v4l2.OUTPUT, memory=v4l2.MEMORY_MMAP)
        ioctl(fd, v4l2.REQBUFS, request)
        if request.count == 0:
            raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))
        try:
            for index in range(request.count):
                buffer = _buffer(index)
                ioctl(fd, v4l2.QUERYBUF, buffer)
                self._maps.append(mmap.mmap(fd, buffer.length, offset=buffer.m.offset))
        except BaseException:
            self.close()
            raise
        self._free = list(range(len(self._maps)))

    def show(self, picture: bytes) -> None:
        """
        Show ``picture`` after what waits.

        Raises:
            BlockingIOError: no buffer is free yet.
            OSError: the device is gone, or broken.
        """
        if not self._free:
            taken = _buffer(0)
            self._ioctl(self._fd, v4l2.DQBUF, taken)
            self._free.append(taken.index)
        index = self._free[-1]
        self._maps[index][: len(picture)] = picture
        buffer = _buffer(index)
        buffer.bytesused, buffer.field = len(picture), v4l2.FIELD_NONE
        self._ioctl(self._fd, v4l2.QBUF, buffer)
        self._free.pop()
        if not self._on:
            self._ioctl(self._fd, v4l2.STREAMON, v4l2.BufferType(v4l2.OUTPUT))
            self._on = True

    def close(self) -> None:
        """Stop, and give the buffers back."""
        with contextlib.suppress(OSError):  # the device may be gone
            self._ioctl(self._fd, v4l2.STREAMOFF, v4l2.BufferType(v4l2.OUTPUT))
        for mapped in self._maps:
            mapped.close()
        self._maps = []
        with contextlib.suppress(OSError):
            request = v4l2.RequestBuffers(count=0, type=v4l2.OUTPUT, memory=v4l2.MEMORY_MMAP)
            self._ioctl(self._fd, v4l2.REQBUFS, request)


def _buffer(index: int) -> v4l2.Buffer:
    return v4l2.Buffer(index=index, type=v4l2.OUTPUT, memory=v4l2.MEMORY_MMAP)
