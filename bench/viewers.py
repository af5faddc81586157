"""
``python -m bench viewers``: what each further viewer costs, against aiortc as its examples have it.

The viewers are in another process that counts RTP and does not decode. Both services take turns,
each with the same numbers of viewers, over several rounds.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from bench.live.clip import clip
from bench.live.program import Program
from bench.live.service import Service
from bench.live.stand import Stand, watched
from bench.table import Table, spread
from edge.errors import InputError
from edge.zoo import default_cache

SETTLE_S = 2.0
ROUNDS = 2

Steps = dict[int, list[dict[str, Any]]]  # number of viewers -> what was found in each round


def report_viewers(
    stand: Stand, counts: Sequence[int], baseline: Sequence[int], seconds: float, shown: bool
) -> dict[str, Any]:
    """
    Args:
        counts: of viewers, the first being what others are compared with.
        baseline: the same for plain aiortc, which runs out of processor soon; may be empty.
        seconds: for each number of viewers in each round.

    Returns:
        ``ours`` and ``aiortc``, one row for each number of viewers: ``fps`` of the pipeline and
        ``rate_percent`` of it with the first number, ``delivered_percent`` to the least served,
        ``cpu_ms_per_viewer_frame`` that each further viewer adds; medians, with [least, most].

    Raises:
        InputError: a service does not start or refuses a viewer.
    """
    if not counts or min([*counts, *baseline]) < 1:
        raise InputError(f"--counts {list(counts)}: wanted numbers of viewers, 1 or more")
    ours: Steps = {count: [] for count in counts}
    plain: Steps = {count: [] for count in baseline}
    film = clip(default_cache() / "bench", stand.size, stand.fps)
    for _ in range(ROUNDS):
        with Service(stand.module, ["serve", *stand.words()]) as service:
            service.await_composites()
            model = service.settled()
            _climb(service, ours, seconds)
        if baseline:
            with Service("bench.live.plain", ["--clip", str(film)], state=False) as service:
                _climb(service, plain, seconds)
    found = {"ours": _rows(ours), "aiortc": _rows(plain)}
    if shown:
        _show(found)
    return {**stand.described(), "model": model, "rounds": ROUNDS, "seconds": seconds, **found}


def _climb(service: Service, steps: Steps, seconds: float) -> None:
    with Program.of_bench("bench.live.counting", service.url) as viewers:
        for count, found in steps.items():
            viewers.ask("join", count=count)
            time.sleep(SETTLE_S)
            found.append(watched(service, seconds, viewers))


def _rows(steps: Steps) -> list[dict[str, Any]]:
    first = next(iter(steps.values()), [])
    rows = []
    for count, found in steps.items():
        turns = list(zip(found, first, strict=True))
        row: dict[str, Any] = {
            "viewers": count,
            "fps": spread([f["fps"] for f in found]),
            "rate_percent": spread([100 * f["fps"] / max(b["fps"], 1e-9) for f, b in turns]),
            "delivered_percent": spread(
                [100 * min(f["delivered_fps"]) / max(1e-9, f["fps"]) for f in found]
            ),
            "lost_packets": sum(f["lost"] for f in found),
            "cpu_percent": spread([f["cpu_percent"] for f in found]),
            "rss_mb": max(f["rss_mb"] for f in found),
        }
        if found is not first:
            row["cpu_ms_per_viewer_frame"] = spread([_added_ms(f, b) for f, b in turns])
        rows.append(row)
    return rows


def _added_ms(found: dict[str, Any], base: dict[str, Any]) -> float:
    """CPU time beyond that of the pipeline and its first viewers, over the frames beyond theirs."""
    pictures = found["composited"] / max(1, base["composited"])
    frames = sum(found["delivered"]) - pictures * sum(base["delivered"])
    return float(1e3 * (found["cpu_s"] - pictures * base["cpu_s"]) / max(1.0, frames))


def _show(found: dict[str, list[dict[str, Any]]]) -> None:
    head = ("viewers", "", "pipeline/s", "of first %", "delivered %", "CPU ms per viewer and frame")
    table = Table(head, first=10)
    for name, rows in found.items():
        for row in rows:
            added = row.get("cpu_ms_per_viewer_frame")
            cells = [
                f"{row['fps']['median']:.1f}",
                f"{row['rate_percent']['median']:.1f}",
                f"{row['delivered_percent']['median']:.1f}",
                f"{added['median']:.2f} [{added['least']:.2f}, {added['most']:.2f}]"
                if added
                else "-",
            ]
            table.row((name, str(row["viewers"]), *cells))
