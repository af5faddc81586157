"""What one frame may cost on this machine, and what all but the model costs of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import av
import cv2
import numpy as np

from edge.compositors.opencv import OpenCv
from edge.controls import MatteControls
from edge.frame import Frame, Matte, Rgb
from edge.refine import Refiner

ROOM = 0.9  # of the time there is may be planned for; the rest is for what nobody foresees
RUNS = 3  # of each stage, of which the quickest counts
ENCODE_S = 0.008  # of 1280x720, where no encoder can be opened here


@dataclass(frozen=True, slots=True)
class Budget:
    """
    Attributes:
        interval_s: between two frames of the source.
        cores: that this process may use.
        rest_s: CPU time a frame of all but the model: decoding, refining, composing, encoding.
    """

    interval_s: float
    cores: float
    rest_s: float

    def fits(self, model_s: float, threads: int) -> bool:
        """
        Whether a model keeps up with the source.

        It works on one frame while the one before is composed and the one before that encoded. So
        it has the whole interval for itself, if the cores are enough for all together.

        Args:
            model_s: time of one matte.
            threads: that it takes for so long.
        """
        return model_s <= ROOM * self.interval_s and self.affords(model_s * threads)

    def affords(self, model_cpu_s: float) -> bool:
        """Whether there is so much CPU time for the model: no number of threads makes it less."""
        return model_cpu_s + self.rest_s <= ROOM * self.interval_s * max(1.0, self.cores)


def rest_s(frame: Frame, matte: Matte) -> float:
    """
    CPU time of all but the model, for ``frame`` and its ``matte``. Takes about a tenth of a second.

    In CPU time of this thread, so that a machine which is busy at the moment is judged by what it
    can do. Little is lost by that: OpenCV's other threads take a twentieth of it all.
    """
    encoded = cv2.imencode(".jpg", frame.image)[1]
    decoding = _quickest(lambda: cv2.imdecode(encoded, cv2.IMREAD_COLOR))
    refiner, compositor = Refiner(), OpenCv()
    behind = np.full_like(frame.image, 96)
    controls = MatteControls()
    composing = _quickest(
        lambda: compositor.compose(frame, refiner.refine(frame, matte, controls), behind)
    )
    return decoding + composing + _encoding_s(frame.image)


def _quickest(work: Callable[[], object]) -> float:
    times = []
    for _ in range(RUNS):
        start = time.thread_time()
        work()
        times.append(time.thread_time() - start)
    return min(times)


def _encoding_s(image: Rgb) -> float:
    """By x264 in one thread, about as viewers get it, the conversion to YUV included."""
    height, width = (side // 2 * 2 for side in image.shape[:2])
    try:
        encoder = av.CodecContext.create("libx264", "w")
        encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
        encoder.time_base, encoder.thread_count = Fraction(1, 30), 1
        encoder.options = {"preset": "superfast", "tune": "zerolatency"}
        picture = np.ascontiguousarray(image[:height, :width])

        def encode() -> None:
            planes = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2YUV_I420), np.uint8)
            encoder.encode(av.VideoFrame.from_ndarray(planes, "yuv420p"))

        return _quickest(encode)
    except (av.FFmpegError, ValueError):  # ValueError: this FFmpeg has no such encoder
        return float(ENCODE_S * width * height / (1280 * 720))
