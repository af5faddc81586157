"""
CUDA graphs: a stream's work recorded once and launched in one call, which spares launch latency.

By ctypes, because PyCUDA has none; stream handles are the same whoever made them.
"""

from __future__ import annotations

import logging
import weakref
from collections.abc import Callable
from contextlib import suppress
from ctypes import byref, c_ulonglong, c_void_p
from typing import Any

from edge.cuda.driver import check, library
from edge.errors import ModelError

logger = logging.getLogger(__name__)

THREAD_LOCAL = 1  # CUstreamCaptureMode: what other threads do meanwhile does not spoil it


class Graph:
    """
    Work that was recorded from a stream.

    Args:
        stream: its handle; nothing may wait in it.
        work: gives the stream its work, with fixed addresses, and does not synchronise.

    Raises:
        ModelError: the work or this driver cannot be captured. The stream is usable as before.
    """

    def __init__(self, stream: int, work: Callable[[], None]) -> None:
        self._cuda = library()
        self._stream = c_void_p(stream)
        graph = self._record(work)
        self._executable = c_void_p()
        try:
            instantiate = self._cuda.cuGraphInstantiateWithFlags
            status = instantiate(byref(self._executable), graph, c_ulonglong(0))
            check(status, "cuGraphInstantiate")
        except AttributeError as error:
            raise ModelError("this driver is older than CUDA 11.4: no graphs") from error
        finally:
            self._cuda.cuGraphDestroy(graph)
        self._finalizer = weakref.finalize(self, _destroy, self._cuda, self._executable)

    def launch(self) -> None:
        """
        Run it all, in the stream's order.

        Raises:
            ModelError: it could not be launched.
        """
        check(self._cuda.cuGraphLaunch(self._executable, self._stream), "cuGraphLaunch")

    def _record(self, work: Callable[[], None]) -> c_void_p:
        begin = self._cuda.cuStreamBeginCapture_v2
        check(begin(self._stream, THREAD_LOCAL), "cuStreamBeginCapture")
        graph = c_void_p()
        try:
            work()
        except BaseException:
            self._cuda.cuStreamEndCapture(self._stream, byref(graph))  # else it captures for ever
            if graph:
                self._cuda.cuGraphDestroy(graph)
            raise
        check(self._cuda.cuStreamEndCapture(self._stream, byref(graph)), "cuStreamEndCapture")
        return graph


class Replay:
    """
    Does the same work again and again: from the second time on as a graph, where that works.

    Args:
        stream: see Graph.
        work: see Graph. The first time it is done as it is, for then libraries set things up that
            cannot be captured.
    """

    def __init__(self, stream: int, work: Callable[[], None]) -> None:
        self._stream, self._work = stream, work
        self._launch: Callable[[], None] | None = None
        self._warm = False

    def __call__(self) -> None:
        """
        Give the stream its work; it is done once the stream is synchronised.

        Raises:
            ModelError: it could not be launched.
        """
        if not self._warm:
            self._work()
            self._warm = True
            return
        if self._launch is None:
            self._launch = self._captured()
        self._launch()

    def _captured(self) -> Callable[[], None]:
        try:
            return Graph(self._stream, self._work).launch
        except ModelError as error:
            logger.info("no CUDA graph, each step is launched by itself: %s", error)
            return self._work


def _destroy(cuda: Any, executable: c_void_p) -> None:
    with suppress(OSError):
        cuda.cuGraphExecDestroy(executable)
