"""``gstreamer:ELEMENT``: H.264 by an encoder of GStreamer's, such as a Jetson's nvv4l2h264enc."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass
from typing import Any

import numpy as np

from edge.encoders import CLOCK_HZ, I420, Coded, Kind, Wanted
from edge.errors import EncoderError, InputError, NoGStreamer
from edge.gst import gstreamer

COLORIMETRY = "2:4:5:1"  # limited range, BT.601's matrix, BT.709's transfer and primaries
WAIT_S = 0.1  # for a picture that comes out at once
FEW = 3  # so often it is waited for: then the element is one that runs a picture behind
SILENT = 60  # pictures in without one out, and it hangs


@dataclass(frozen=True, slots=True)
class Element:
    """
    How one element is used.

    Attributes:
        properties: set where the element has them; ``{threads}`` and ``{fps}`` are filled in.
        unit: what its ``bitrate`` counts in, bits a second.
        before: elements that bring the picture into its memory, with a trailing "! ".
        profile: asked of it where it makes High by itself, which not every browser takes.
        signal: emitted for a key frame, in place of GStreamer's own event.
    """

    properties: dict[str, str]
    unit: int = 1000
    before: str = ""
    profile: str = ""
    signal: str = ""


KNOWN = {
    "x264enc": Element(
        {
            "tune": "zerolatency",
            "speed-preset": "superfast",
            "key-int-max": "100000",
            "threads": "{threads}",
            "vbv-buf-capacity": "500",
            "option-string": "scenecut=0",
        },
        profile="constrained-baseline",
    ),
    "nvv4l2h264enc": Element(
        {
            "control-rate": "1",  # constant
            "preset-level": "1",
            "maxperf-enable": "true",
            "insert-sps-pps": "true",
            "idrinterval": "100000",
            "iframeinterval": "100000",
            "profile": "0",  # baseline
        },
        unit=1,
        before="nvvidconv ! video/x-raw(memory:NVMM),format=NV12 ! ",
        signal="force-IDR",
    ),
    "openh264enc": Element({"gop-size": "100000", "rate-control": "bitrate"}, unit=1),
}
OTHER = Element({"key-int-max": "100000"})


def make(argument: str) -> Kind:
    """
    The element that ``argument`` names.

    Raises:
        InputError: it is no name of an element.
    """
    if re.fullmatch(r"[a-z][a-z0-9_-]*", argument) is None:
        raise InputError(f"gstreamer:{argument}: wanted an element, as in gstreamer:x264enc")
    return Kind(f"gstreamer:{argument}", "H264", lambda wanted: GStreamer(argument, wanted))


def _gst() -> Any:
    try:
        return gstreamer()
    except NoGStreamer as error:
        raise EncoderError(str(error)) from error


class GStreamer:
    """
    One pipeline: pictures in by appsrc, access units out by appsink.

    Raises:
        EncoderError: there is no GStreamer or no such element, or it does not start.
    """

    def __init__(self, name: str, wanted: Wanted) -> None:
        self._gst = gst = _gst()
        self._name, self._wanted = name, wanted
        self._element = KNOWN.get(name, OTHER)
        self._width = wanted.width & ~7  # GStreamer pads rows of any other width
        if gst.ElementFactory.find(name) is None:
            raise EncoderError(f"GStreamer has no element {name} here")
        try:
            self._pipeline = gst.parse_launch(self._description())
        except Exception as error:  # GLib.Error, which is no module's to import before gi is here
            raise EncoderError(f"{name}: no such pipeline: {error}") from error
        self._in, self._out, self._encoder = map(
            self._pipeline.get_by_name, ("in", "out", "encoder")
        )
        self._configure()
        self._patience, self._late, self._pts = WAIT_S, 0, deque[int]()
        if self._pipeline.set_state(gst.State.PLAYING) == gst.StateChangeReturn.FAILURE:
            self._give_up("it does not start")

    def encode(self, planes: I420, pts: int, keyframe: bool) -> list[Coded]:
        """See ``Encoder``."""
        if keyframe:
            self._ask_for_keyframe()
        buffer = self._gst.Buffer.new_wrapped(self._cropped(planes).tobytes())
        buffer.pts = pts * self._gst.SECOND // CLOCK_HZ
        self._pts.append(pts)
        if self._in.emit("push-buffer", buffer) != self._gst.FlowReturn.OK:
            self._give_up("it takes no pictures")
        coded = self._pulled()
        if len(self._pts) > SILENT:
            self._give_up(f"nothing came out for {SILENT} pictures")
        return coded

    def aim(self, bitrate_bps: int) -> bool:
        """See ``Encoder``. Here: at once."""
        if self._encoder.find_property("bitrate") is not None:
            self._encoder.set_property("bitrate", max(1, bitrate_bps // self._element.unit))
        return False

    def close(self) -> None:
        """End the pipeline."""
        self._pipeline.set_state(self._gst.State.NULL)

    def _description(self) -> str:
        wanted, profile = self._wanted, self._element.profile
        asked = f"video/x-h264,profile={profile} ! " if profile else ""
        return (
            "appsrc name=in is-live=true format=time "
            f'caps="video/x-raw,format=I420,width={self._width},height={wanted.height},'
            f'framerate={max(1, round(wanted.fps))}/1,colorimetry={COLORIMETRY}" ! '
            f"{self._element.before}"
            f"{self._name} name=encoder ! {asked}h264parse config-interval=-1 ! "
            "video/x-h264,stream-format=byte-stream,alignment=au ! "
            "appsink name=out sync=false max-buffers=8"
        )

    def _configure(self) -> None:
        words = {"threads": self._wanted.threads, "fps": round(self._wanted.fps)}
        for name, value in self._element.properties.items():
            if self._encoder.find_property(name) is not None:
                self._gst.util_set_object_arg(self._encoder, name, value.format(**words))
        self.aim(self._wanted.bitrate_bps)

    def _ask_for_keyframe(self) -> None:
        if self._element.signal:
            self._encoder.emit(self._element.signal)
            return
        force = self._gst.Structure.new_from_string("GstForceKeyUnit, all-headers=(boolean)true")
        event = self._gst.Event.new_custom(self._gst.EventType.CUSTOM_UPSTREAM, force)
        self._encoder.get_static_pad("src").send_event(event)

    def _pulled(self) -> list[Coded]:
        coded: list[Coded] = []
        wait_ns = int(self._patience * 1e9)
        while self._pts:
            sample = self._out.emit("try-pull-sample", 0 if coded else wait_ns)
            if sample is None:
                break
            buffer = sample.get_buffer()
            delta = bool(buffer.get_flags() & self._gst.BufferFlags.DELTA_UNIT)
            data = bytes(buffer.extract_dup(0, buffer.get_size()))
            coded.append(Coded(data, self._pts.popleft(), not delta))
        if not coded:
            self._late += 1
            self._patience = 0.0 if self._late >= FEW else self._patience
            self._check()
        return coded

    def _check(self) -> None:
        message = self._pipeline.get_bus().pop_filtered(self._gst.MessageType.ERROR)
        if message is not None:
            self._give_up(str(message.parse_error()[0]))

    def _give_up(self, why: str) -> None:
        self.close()
        raise EncoderError(f"{self._name} gave up: {why}")

    def _cropped(self, planes: I420) -> I420:
        """``planes`` without the columns over a multiple of eight."""
        height, width = self._wanted.height, self._wanted.width
        if width == self._width:
            return planes
        luma = planes[:height, : self._width].ravel()
        chroma = planes[height:].reshape(2, height // 2, width // 2)[..., : self._width // 2]
        return np.concatenate([luma, chroma.ravel()])
