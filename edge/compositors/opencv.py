"""``opencv:``: on the CPU, vectorised by OpenCV."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from edge.compose import compose
from edge.errors import InputError
from edge.frame import Frame, Matte, Rgb
from edge.refine.cutout import Cutout


class OpenCv:
    """See ``edge.compositors.Compositor``."""

    def compose(self, frame: Frame, matte: Matte, background: Rgb) -> Rgb:
        if isinstance(matte, Cutout):
            return matte.over(background)
        if matte.alpha.shape != frame.image.shape[:2]:
            alpha = cv2.resize(matte.alpha, frame.size, interpolation=cv2.INTER_LINEAR)
            matte = replace(matte, alpha=np.asarray(alpha, np.float32))
        return compose(frame, matte, background)


def make(argument: str) -> OpenCv:
    """
    Raises:
        InputError: there is an argument; it takes none.
    """
    if argument:
        raise InputError(f"opencv:{argument}: opencv: takes no argument")
    return OpenCv()
