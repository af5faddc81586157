"""``h264_nvenc:``: H.264 on an NVIDIA GPU that has an encoder (data centre cards have none)."""

from __future__ import annotations

from edge.encoders import Kind, Wanted
from edge.encoders._pyav import NEVER, PyAvEncoder
from edge.errors import InputError


def make(argument: str) -> Kind:
    """
    NVENC, set for low latency.

    Raises:
        InputError: it takes no argument.
    """
    if argument:
        raise InputError(f"h264_nvenc:{argument}: it takes no argument")
    return Kind("h264_nvenc", "H264", _opened)


def _opened(wanted: Wanted) -> PyAvEncoder:
    options = {
        "preset": "p3",
        "tune": "ull",
        "profile": "baseline",
        "rc": "cbr",
        "zerolatency": "1",
        "delay": "0",
        "bf": "0",
        "forced-idr": "1",
        "g": NEVER,
    }
    return PyAvEncoder("h264_nvenc", wanted, options, wanted.max_bps)
