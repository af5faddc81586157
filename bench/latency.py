"""
``python -m bench latency``: glass to glass, from a frame's capture to its decoded picture.

The service runs as ever, but for a compositor that also paints the frame's index and time
(``bench.live.codes``) before the picture is encoded. A viewer in another process reads them from
what it decoded and looks at the same clock. Not in it: the camera's exposure and the screen's
refresh, which no software sees.
"""

from __future__ import annotations

import shlex
import time
from dataclasses import replace
from typing import Any

import numpy as np

from bench.live.codes import MIN_SIZE
from bench.live.program import Program
from bench.live.service import Service
from bench.live.stand import Stand, watched
from bench.table import Table
from edge.errors import InputError

WARM_UP_S = 5.0
LONGEST_MS = 10_000.0  # an age over this is a code misread


def report_latency(stand: Stand, seconds: float, codec: str, shown: bool) -> dict[str, Any]:
    """
    Args:
        codec: "vp8" or "h264", all that the viewer offers; or "auto" for what the service prefers.

    Returns:
        ``glass_ms`` p50, p95 and p99; ``service_ms``, of it from capture to composite, p50 and p95;
        ``rest_ms``, the difference of the medians: conversion, encoding, network, decoding; and
        how many pictures were composited, seen, and not readable.

    Raises:
        InputError: the service does not start, or no picture could be read.
    """
    coded = replace(stand, flags=f"{stand.flags} --compositor {_coded(stand)}")
    offered = [] if codec == "auto" else [codec.upper()]
    if stand.size[0] < MIN_SIZE[0] or stand.size[1] < MIN_SIZE[1]:
        raise InputError(f"{stand.size}: wanted pictures of {MIN_SIZE} at least, to hold the code")
    with Service("bench.live.serving", ["serve", *coded.words()]) as service:
        service.await_composites()
        model = service.settled()
        with Program.of_bench("bench.live.seeing", service.url, *offered) as viewer:
            viewer.ask("begin")
            time.sleep(WARM_UP_S)
            viewer.ask("begin")
            found = watched(service, seconds)
            seen = viewer.ask("report")
    ages_ms = [age for age in seen["ages_ms"] if age < LONGEST_MS]
    if not ages_ms:
        raise InputError(f"no picture of {found['composited']} could be read by the viewer")
    result = _result(found, ages_ms)
    if shown:
        _show(result)
    misread = len(seen["ages_ms"]) - len(ages_ms)
    return {
        **stand.described(),
        "model": model,
        **result,
        "codec": seen["codec"],
        "unread": seen["unread"] + misread,
    }


def _coded(stand: Stand) -> str:
    words = shlex.split(stand.flags)
    inner = words[words.index("--compositor") + 1] if "--compositor" in words else "opencv:"
    return shlex.quote(f"coded:{inner}")


def _result(found: dict[str, Any], ages_ms: list[float]) -> dict[str, Any]:
    p50, p95, p99 = (round(float(p), 1) for p in np.percentile(ages_ms, (50, 95, 99)))
    service_ms = found["latency_ms"]
    return {
        "glass_ms": {"p50": p50, "p95": p95, "p99": p99},
        "service_ms": service_ms,
        "rest_ms": round(p50 - service_ms["p50"], 1),
        "fps": found["fps"],
        "composited": found["composited"],
        "seen": len(ages_ms),
        "stages_ms": found["stages_ms"],
    }


def _show(result: dict[str, Any]) -> None:
    table = Table(("latency", "p50 ms", "p95 ms", "p99 ms"), first=34)
    glass, service = result["glass_ms"], result["service_ms"]
    table.row(("glass to glass", *(f"{glass[p]:.1f}" for p in ("p50", "p95", "p99"))))
    table.row(
        ("  of it capture to composite", f"{service['p50']:.1f}", f"{service['p95']:.1f}", "")
    )
    table.row(("  encode, network, decode", f"{result['rest_ms']:.1f}", "", ""))
    table.row((f"  {result['seen']} of {result['composited']} pictures seen", "", "", ""))
