"""
``auto:``: the first camera that gives a good picture, else ``demo:``.

Loopback devices are left out: this service may publish to one, and would see itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from itertools import count
from typing import Any

from edge import plugins
from edge.errors import InputError, SourceError
from edge.frame import Frame
from edge.sources import Granted, Source
from edge.v4l2 import Camera, cameras

LOOK_S = 1.0  # between two looks for a camera that was plugged in


def make(argument: str, *, zoo: Any = None) -> Auto:
    """Takes no argument. Raises InputError."""
    if argument:
        raise InputError(f"auto:{argument}: wanted auto: alone. A certain camera is camera:PATH")
    return Auto(lambda spec: plugins.make("edge.sources", spec, zoo=zoo))


class Auto:
    """
    Once a camera has given a picture, its loss is an error, and the demo does not return. Before
    that, a camera that is plugged in takes over from the demo.

    Args:
        make_source: makes a source of a spec.
        find: gives the cameras there are.
    """

    def __init__(
        self,
        make_source: Callable[[str], Source],
        find: Callable[[], list[Camera]] = cameras,
    ) -> None:
        self._make = make_source
        self._find = find
        self._source: Source | None = None
        self._reason = ""
        self._had_camera = False
        self._closed = False

    @property
    def label(self) -> str:
        return self._source.label if self._source else "the first camera"

    @property
    def note(self) -> str:
        notes = (self._reason, self._source.note if self._source else "")
        return " ".join(note for note in notes if note)

    @property
    def granted(self) -> Granted | None:
        return self._source.granted if self._source else None

    def __iter__(self) -> Iterator[Frame]:
        for index, frame in zip(count(), self._frames(), strict=False):  # one count over all
            yield Frame(frame.image, index, frame.captured_ns)

    def close(self) -> None:
        self._closed = True
        if self._source:
            self._source.close()

    def _frames(self) -> Iterator[Frame]:
        found = self._cameras()
        failures = yield from self._first_of(found)
        if self._closed:
            return
        if self._had_camera:
            raise SourceError(failures or "The camera was unplugged. Plug it in again.")
        self._reason = (
            f"No camera gives a picture ({failures}): showing the demo."
            if failures
            else "No camera found: showing the demo. Plug one in, and it is taken."
        )
        yield from self._demo({camera.path for camera in found})

    def _first_of(self, found: list[Camera]) -> Generator[Frame, None, str]:
        """Frames of the first camera that gives any; what each one says if none does."""
        failures = []
        for camera in found:
            frames = iter(self._use(f"camera:{camera.by_id or camera.path}"))
            try:
                first = next(frames, None)
            except SourceError as error:
                failures.append(str(error))
                continue
            if first is None:
                break  # closed
            self._had_camera, self._reason = True, ""
            yield first
            yield from frames
            break
        return " ".join(failures)

    def _demo(self, known: set[str]) -> Iterator[Frame]:
        """The demo, until a camera that is not ``known`` gives a picture; then that camera."""
        demo = self._use("demo:")
        looked_s = time.monotonic()
        for frame in demo:
            yield frame
            if time.monotonic() - looked_s < LOOK_S:
                continue
            found = self._cameras()
            fresh = [camera for camera in found if camera.path not in known]
            known = {camera.path for camera in found}
            if fresh:
                yield from self._first_of(fresh)
                if self._had_camera or self._closed:
                    demo.close()
                    return
                self._source = demo
            looked_s = time.monotonic()

    def _cameras(self) -> list[Camera]:
        return [camera for camera in self._find() if not camera.loopback]

    def _use(self, spec: str) -> Source:
        self._source = self._make(spec)
        if self._closed:  # close() came before there was a source to close
            self._source.close()
        return self._source
