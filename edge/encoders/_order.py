"""Which encoder is used: the first of an order that works here, and the next when it gives up."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge import plugins
from edge.encoders import CodecName, Encoder, Kind, Wanted
from edge.errors import EdgeError, EncoderError

log = logging.getLogger(__name__)

CODECS: tuple[CodecName, ...] = ("H264", "VP8")
ON_CPU = ("libx264:", "libvpx:")
TEGRA = Path("/etc/nv_tegra_release")  # every Jetson has it
TRIAL = Wanted(640, 360, 30, 500_000, 2_000_000)  # NVENC refuses very small pictures
TRIAL_PICTURES = 8


def usual_order() -> tuple[str, ...]:
    """The encoders in hardware that this machine may have, then those on the CPU."""
    hardware = "gstreamer:nvv4l2h264enc" if TEGRA.exists() else "h264_nvenc:"
    return (hardware, *ON_CPU)


@dataclass(frozen=True, slots=True)
class Tried:
    """An encoder of the order: ``fault`` is why it is not used, or None."""

    name: str
    codec: CodecName
    fault: str | None


class Encoders:
    """
    The encoders of a service, in order. Every method may be called from any thread.

    Args:
        order: kinds, as ``scheme:argument``; empty: the usual order.

    Raises:
        InputError: a kind is unknown or malformed.
    """

    def __init__(self, order: Sequence[str] = ()) -> None:
        self._kinds: list[Kind] = [
            plugins.make("edge.encoders", spec) for spec in order or usual_order()
        ]
        self._faults: dict[str, str] = {}
        self._lock = threading.Lock()

    @property
    def codecs(self) -> frozenset[CodecName]:
        """Those that can be encoded, as far as was tried."""
        with self._lock:
            return frozenset(kind.codec for kind in self._kinds if kind.name not in self._faults)

    def tried(self) -> list[Tried]:
        """Each encoder of the order."""
        with self._lock:
            return [Tried(k.name, k.codec, self._faults.get(k.name)) for k in self._kinds]

    def probe(self) -> None:
        """Let each encoder encode some pictures, once. Takes a fraction of a second."""
        for kind in self._kinds:
            try:
                try_out(kind)
            except EncoderError as error:
                self.failed(kind, error)
        used = {codec: next(iter(self._working(codec)), None) for codec in CODECS}
        log.info(
            "encoders: %s",
            ", ".join(f"{codec} by {kind.name}" for codec, kind in used.items() if kind) or "none",
        )

    def open(self, codec: CodecName, wanted: Wanted) -> tuple[Kind, Encoder]:
        """
        The first that opens.

        Raises:
            EncoderError: none does; says why each did not.
        """
        for kind in self._worth_trying(codec):
            try:
                return kind, kind.open(wanted)
            except EncoderError as error:
                self.failed(kind, error)
        found = "; ".join(t.fault for t in self.tried() if t.codec == codec and t.fault)
        raise EncoderError(f"no encoder for {codec} works here: {found or 'none is configured'}")

    def failed(self, kind: Kind, error: EdgeError) -> None:
        """``kind`` is not used any more, if another one can take its place."""
        with self._lock:
            if kind.name in self._faults:
                return
            self._faults[kind.name] = str(error)
        log.info("encoder %s is not used: %s", kind.name, error)

    def _working(self, codec: CodecName) -> list[Kind]:
        with self._lock:
            return [k for k in self._kinds if k.codec == codec and k.name not in self._faults]

    def _worth_trying(self, codec: CodecName) -> list[Kind]:
        """Those that work; where none does, all: what failed once may have been short of memory."""
        return self._working(codec) or [k for k in self._kinds if k.codec == codec]


def try_out(kind: Kind) -> None:
    """
    Let ``kind`` really encode.

    Raises:
        EncoderError: it cannot be opened, or gives nothing.
    """
    encoder = kind.open(TRIAL)
    try:
        coded = []
        for index in range(TRIAL_PICTURES):
            planes = np.full((TRIAL.height * 3 // 2, TRIAL.width), 16 + 20 * index, np.uint8)
            coded += encoder.encode(planes, 3000 * index, index == 0)
        if not (coded and coded[0].keyframe):
            raise EncoderError(f"{kind.name} took pictures and gave none")
    finally:
        encoder.close()
