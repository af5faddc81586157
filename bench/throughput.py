"""``python -m bench throughput``: what the service does for minutes on end, with one viewer."""

from __future__ import annotations

import time
from typing import Any

from bench.live.program import Program
from bench.live.service import Service
from bench.live.stand import Stand, watched
from bench.table import Table

WARM_UP_S = 5.0


def report_throughput(stand: Stand, seconds: float, shown: bool) -> dict[str, Any]:
    """
    Start the real service, let one viewer count what comes, and take its figures.

    Returns:
        See ``bench.live.stand.watched``; ``dropped_percent`` of the captured frames.

    Raises:
        InputError: the service does not start, mattes nothing, or refuses the viewer.
    """
    with Service(stand.module, ["serve", *stand.words()]) as service:
        service.await_composites()
        model = service.settled()
        with Program.of_bench("bench.live.counting", service.url) as viewers:
            viewers.ask("join", count=1)
            time.sleep(WARM_UP_S)
            found = watched(service, seconds, viewers)
    (found["delivered"],), (found["delivered_fps"],) = found["delivered"], found["delivered_fps"]
    found["dropped_percent"] = round(100 * found["dropped"] / max(1, found["captured"]), 2)
    if shown:
        _show(found)
    return {**stand.described(), "model": model, "warm_up_s": WARM_UP_S, **found}


def _show(found: dict[str, Any]) -> None:
    table = Table(("throughput", "", ""), first=34)
    latency = found["latency_ms"] or {"p50": float("nan"), "p95": float("nan")}
    for name, value, unit in (
        ("composites", f"{found['fps']:.2f}", "/s"),
        ("frames captured", found["captured"], ""),
        ("  never matted", found["dropped"], f"{found['dropped_percent']} %"),
        ("  seen whole by the viewer", found["delivered"], ""),
        ("in-service latency p50", f"{latency['p50']:.1f}", "ms"),
        ("  p95", f"{latency['p95']:.1f}", "ms"),
        ("processor", f"{found['cpu_percent']:.0f}", "% of 1"),
        ("resident memory", f"{found['rss_mb']:.0f}", "MB"),
        ("  at first", f"{found['rss_mb_first']:.0f}", "MB"),
    ):
        table.row((name, str(value), unit))
