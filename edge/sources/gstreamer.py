"""
``gstreamer:PIPELINE``: whatever GStreamer reads, such as a CSI camera of a Jetson.

The pipeline is written as for gst-launch-1.0, up to raw video; what brings it here is added:
``gstreamer:nvarguscamerasrc ! video/x-raw(memory:NVMM),width=1280,height=720,framerate=30/1``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from time import monotonic, monotonic_ns
from typing import Any

import numpy as np

from edge.errors import InputError, NoGStreamer, SourceError
from edge.frame import Frame, Rgb
from edge.gst import gstreamer
from edge.secrets import mask
from edge.sources import Granted
from edge.sources._limits import SILENCE_S

OPENING_S = 10.0  # Argus takes seconds to its first picture
POLL_S = 0.1  # how long ``close`` may take to be noticed
SINK = "appsink name=edge sync=false max-buffers=1 drop=true"
RGB = "videoconvert ! video/x-raw,format=RGB"
OUT_OF_NVMM = "nvvidconv ! video/x-raw,format=BGRx"
ELEMENT = re.compile(r"\s*([A-Za-z][A-Za-z0-9_-]*)")


def make(argument: str) -> GStreamerSource:
    """The pipeline. GStreamer itself reads it when it is opened. Raises InputError."""
    if ELEMENT.match(argument) is None or not argument.isprintable():
        raise InputError(
            "gstreamer: wanted a pipeline, such as gstreamer:videotestsrc is-live=true"
        )
    if "appsink" in argument:
        raise InputError("gstreamer: the pipeline ends before its sink, which is added")
    return GStreamerSource(argument)


class GStreamerSource:
    """
    The newest picture of a pipeline, which each iteration builds anew.

    Args:
        pipeline: without its sink. It may hold a password: no label repeats it.
    """

    note = ""

    def __init__(self, pipeline: str) -> None:
        first = ELEMENT.match(pipeline)
        self.label = f"GStreamer {first[1] if first else ''}".strip()
        self.granted: Granted | None = None
        self._description = f"{pipeline} ! {_conversion(pipeline)} ! {SINK}"
        self._closed = False

    def __iter__(self) -> Iterator[Frame]:
        try:
            gst = gstreamer()
        except NoGStreamer as error:
            raise SourceError(f"{self.label}: {error}") from error
        pipeline = self._built(gst)
        try:
            pipeline.set_state(gst.State.PLAYING)
            yield from self._frames(gst, pipeline)
        finally:
            pipeline.set_state(gst.State.NULL)

    def close(self) -> None:
        self._closed = True

    def _built(self, gst: Any) -> Any:
        try:
            return gst.parse_launch(self._description)
        except Exception as error:  # noqa: BLE001  GLib.Error, which is only there with gi
            raise SourceError(f"{self.label}: no such pipeline: {mask(str(error))}") from error

    def _frames(self, gst: Any, pipeline: Any) -> Iterator[Frame]:
        sink = pipeline.get_by_name("edge")
        index, deadline_s = 0, monotonic() + OPENING_S
        while not self._closed:
            sample = sink.emit("try-pull-sample", int(POLL_S * gst.SECOND))
            if sample is None:
                self._check(gst, pipeline, sink)
                if monotonic() > deadline_s:
                    raise SourceError(f"{self.label}: no picture came: unplugged or stuck?")
                continue
            image, fps = self._picture(sample)
            self.granted = Granted(image.shape[1], image.shape[0], fps)
            yield Frame(image, index, monotonic_ns())
            index += 1
            # One frame a second is not silence.
            deadline_s = monotonic() + max(SILENCE_S, 2.5 / fps if fps else 0)

    def _check(self, gst: Any, pipeline: Any, sink: Any) -> None:
        """Raise what the pipeline complains of, or that it ended."""
        message = pipeline.get_bus().pop_filtered(gst.MessageType.ERROR)
        if message is not None:
            error, _ = message.parse_error()
            element = message.src.get_name() if message.src is not None else "pipeline"
            raise SourceError(f"{self.label}: {element}: {mask(str(error.message))}")
        if sink.get_property("eos"):
            raise SourceError(f"{self.label}: the pipeline has come to its end")

    def _picture(self, sample: Any) -> tuple[Rgb, float | None]:
        """(H, W, 3) uint8 sRGB of ``sample``, and the frames a second that it is announced at."""
        caps = sample.get_caps().get_structure(0)
        width, height = caps.get_value("width"), caps.get_value("height")
        known, over, under = caps.get_fraction("framerate")
        buffer = sample.get_buffer()
        data = np.frombuffer(buffer.extract_dup(0, buffer.get_size()), np.uint8)
        stride = (3 * width + 3) & ~3  # GStreamer's own, for RGB without padding
        if data.size < stride * height:
            raise SourceError(
                f"{self.label}: a picture of {data.size} bytes for {width}x{height} RGB"
            )
        rows = data[: stride * height].reshape(height, stride)[:, : 3 * width]
        image = np.ascontiguousarray(rows).reshape(height, width, 3)
        return image, round(over / under, 3) if known and over and under else None


def _conversion(pipeline: str) -> str:
    """What brings the end of ``pipeline`` to RGB in this process's memory."""
    held = "nvarguscamerasrc" in pipeline or "memory:NVMM" in pipeline
    return f"{OUT_OF_NVMM} ! {RGB}" if held and "nvvidconv" not in pipeline else RGB
