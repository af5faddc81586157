"""``demo:``: a person talking to the camera, for a machine that has none."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Protocol

import av
import numpy as np

from edge import plugins
from edge.drawn.landscape import Landscape
from edge.errors import EdgeError, InputError, SourceError
from edge.frame import Frame, Rgb
from edge.sources import Granted, Source
from edge.sources._kept_clip import KeptClip

ASSET = "videobgremover-demo"  # 1080x1920, a woman before a wall; made for edge.drawn.landscape
CLIP_SIZE = (1080, 1920)
TOP_PX, BOTTOM_PX = 195, 1270  # from above the hair to below the chin when she leans in
WALL_PX, SHOULDER_PX = 1110, (216, 1118)
SIZE = (1280, 720)
MISSING = "The demo clip could not be fetched (the service's log says why)"

logger = logging.getLogger(__name__)


class Zoo(Protocol):
    """The part of ``edge.zoo.Zoo`` that is needed here."""

    def path(self, asset_id: str) -> Path: ...


def make(argument: str, *, zoo: Zoo | None = None) -> Demo:
    """Takes no argument. Without a ``zoo`` it is the drawn presenter. Raises InputError."""
    if argument:
        raise InputError(f"demo:{argument}: wanted demo: alone. A clip of yours is file:PATH")
    return Demo(zoo)


class Demo:
    """
    The demo clip; a drawn presenter while the clip is fetched, and where it cannot be had.

    ``note`` says which, and why.
    """

    label = "Demo clip"

    def __init__(self, zoo: Zoo | None) -> None:
        self.note = ""
        self._fetch = _Fetch(zoo)
        self._presenter: Source = plugins.make(
            "edge.sources", f"presenter:?size={SIZE[0]}x{SIZE[1]}"
        )
        self._clip: KeptClip | None = None
        self._closed = False

    @property
    def granted(self) -> Granted | None:
        return self._clip.granted if self._clip else self._presenter.granted

    def __iter__(self) -> Iterator[Frame]:
        self._fetch.begin()
        self._fetch.done.wait(0.2)  # time to find a clip that is here: no flash of the presenter
        for index, frame in zip(count(), self._frames(), strict=False):  # one count over both
            yield Frame(frame.image, index, frame.captured_ns)

    def close(self) -> None:
        self._closed = True
        self._presenter.close()
        if self._clip:
            self._clip.close()

    def _frames(self) -> Iterator[Frame]:
        yield from self._until_fetched()
        if self._fetch.found and not self._closed:
            landscape = _landscape()
            self._clip = KeptClip(self._fetch.found, lambda picture: _widened(landscape, picture))
            if self._closed:  # close() came before there was a clip to close
                return
            self.note = ""
            try:
                yield from self._clip
            except SourceError as error:
                self._clip = None
                self.note = f"The demo clip does not play ({error}): a drawn presenter stands in."
        yield from self._presenter

    def _until_fetched(self) -> Iterator[Frame]:
        if not self._fetch.done.is_set():
            self.note = "The demo clip is being fetched: a drawn presenter stands in."
            for frame in self._presenter:
                yield frame
                if self._fetch.done.is_set():
                    break
        if self._fetch.error:
            self.note = f"{MISSING}: a drawn presenter stands in."


class _Fetch:
    """Asks the zoo in a thread of its own, for a slow network can take minutes."""

    def __init__(self, zoo: Zoo | None) -> None:
        self.done = threading.Event()
        self.found: Path | None = None
        self.error = "" if zoo else "this service has no store of clips"
        self._zoo = zoo
        self._begun = False

    def begin(self) -> None:
        """Ask; again, if it failed before."""
        if self._zoo is None:
            self.done.set()
        elif not self._begun or (self.done.is_set() and self.error):
            self._begun = True
            self.done.clear()
            threading.Thread(target=self._run, args=(self._zoo,), name="demo", daemon=True).start()

    def _run(self, zoo: Zoo) -> None:
        try:
            self.found, self.error = zoo.path(ASSET), ""
        except EdgeError as error:
            self.error = str(error)
            logger.warning("no demo clip: %s", error)
        finally:
            self.done.set()


def _landscape() -> Landscape:
    tall = BOTTOM_PX - TOP_PX
    return Landscape(
        size=SIZE,
        width=round(CLIP_SIZE[0] * SIZE[1] / tall),
        wall_until=(WALL_PX - TOP_PX) / tall,
        shoulder=(SHOULDER_PX[0] / CLIP_SIZE[0], (SHOULDER_PX[1] - TOP_PX) / tall),
    )


def _widened(landscape: Landscape, picture: av.VideoFrame) -> Rgb:
    """Scaled down while the colours are converted, which costs half of doing it afterwards."""
    scale = SIZE[1] / (BOTTOM_PX - TOP_PX)
    small = picture.reformat(
        landscape.width, round(CLIP_SIZE[1] * scale), "rgb24", interpolation="AREA"
    )
    top = round(TOP_PX * scale)
    rows = small.to_ndarray()[top : top + SIZE[1]]
    return landscape.widen(np.ascontiguousarray(rows, np.uint8))
