"""A short clip whose finished pictures are kept, so that each is decoded and fitted once only."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from edge.frame import Rgb
from edge.sources._clip import Clip

QUALITY = 95  # of JPEG: half a level of error on average, a tenth of a megabyte at 1280x720


class KeptClip(Clip):
    """The first round is decoded and kept; the others take a tenth of its work."""

    def __init__(self, path: Path, to_image: Callable[[av.VideoFrame], Rgb]) -> None:
        super().__init__(path, to_image)
        self._kept: list[tuple[float, float, NDArray[np.uint8]]] = []
        self._whole = False

    def round(self) -> Iterator[tuple[float, float, Callable[[], Rgb]]]:
        if self._whole:
            for begin_s, end_s, coded in self._kept:
                yield begin_s, end_s, partial(_decoded, coded)
            return
        self._kept.clear()
        for begin_s, end_s, paint in super().round():
            yield begin_s, end_s, partial(self._keep, begin_s, end_s, paint)
        self._whole = True

    def _keep(self, begin_s: float, end_s: float, paint: Callable[[], Rgb]) -> Rgb:
        image = paint()
        bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
        coded = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1]
        self._kept.append((begin_s, end_s, np.asarray(coded, np.uint8)))
        return image


def _decoded(coded: NDArray[np.uint8]) -> Rgb:
    return np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR_RGB), np.uint8)
