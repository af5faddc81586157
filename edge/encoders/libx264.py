"""``libx264:PRESET``: H.264 on the CPU. The preset is ``superfast`` unless given."""

from __future__ import annotations

from edge.encoders import Kind, Wanted
from edge.encoders._pyav import NEVER, PyAvEncoder
from edge.errors import InputError

PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium")
# 3 ms of CPU for 1280x720 and within half a dB of "medium", which takes 15.
PRESET = "superfast"
BUFFER_S = 0.25  # at the highest rate: what an IDR may take at once


def make(argument: str) -> Kind:
    """
    x264 with ``argument`` as its preset.

    Raises:
        InputError: no such preset.
    """
    preset = argument or PRESET
    if preset not in PRESETS:
        raise InputError(f"libx264:{argument}: no such preset; there are {', '.join(PRESETS)}")

    def opened(wanted: Wanted) -> PyAvEncoder:
        options = {
            "preset": preset,
            "tune": "zerolatency",
            "profile": "baseline",  # what 42e01f, which every browser takes, promises
            "forced-idr": "1",
            "g": NEVER,
            "sc_threshold": "0",  # a cut of scenes is no reason for an IDR that nobody asked for
            "maxrate": str(wanted.max_bps),
            "bufsize": str(int(BUFFER_S * wanted.max_bps)),
        }
        return PyAvEncoder("libx264", wanted, options, wanted.max_bps)

    return Kind("libx264" + f":{argument}" * bool(argument), "H264", opened)
