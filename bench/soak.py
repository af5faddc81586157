"""
``python -m bench soak``: hours of use in a row, and whether anything grows meanwhile.

One viewer stays. Others come and go: some with a DELETE, some without, some killed. Backgrounds and
settings are changed. Memory is looked at all the time; descriptors and threads, of which each
viewer has some, are compared between the moments when only the one who stays is there.
"""

from __future__ import annotations

import random
import time
from typing import Any

from bench.live.program import Program
from bench.live.sampler import Sampler, Samples
from bench.live.service import Service
from bench.live.stand import Stand
from bench.live.trend import trend
from bench.live.visits import Visits, change
from bench.table import Table
from edge.errors import InputError

SETTLE_SHARE = 0.2  # of the time, before it counts: buffers and caches fill at first
SETTLE_S = 300.0  # at most
STAY_S = (3.0, 12.0)
REST_LOOKS = 2  # with nobody but the one who stays
FORGOTTEN_S = 60.0  # viewers who vanished are forgotten long before
# What may come and go, by the name of what is measured: a share of the value, and so many more.
ALLOWED = {"rss_mb": (0.03, 2.0), "descriptors": (0.0, 2.0), "threads": (0.0, 2.0)}


def report_soak(stand: Stand, minutes: float, each_s: float, shown: bool) -> dict[str, Any]:
    """
    Args:
        minutes: how long.
        each_s: between two looks.

    Returns:
        ``samples``: name -> values, ``t_s`` among them; ``trends``: of memory (MB), descriptors and
        threads after it settled, with ``slope_per_h`` and whether it is ``flat``; ``fps``, median
        and least of the samples; how many viewers went in which way; ``changes``; and
        ``viewers_left``, which the service still counts long after the last one went.

    Raises:
        InputError: the service does not start, refuses a viewer or a change, or ends.
    """
    if minutes <= 0 or each_s <= 0:
        raise InputError("--minutes and --each: wanted more than 0")
    dice = random.Random(1)
    with Service(stand.module, ["serve", *stand.words()]) as service:
        service.await_composites()
        model = service.settled()
        sampler = Sampler(service, each_s, shown)
        with Program.of_bench("bench.live.counting", service.url) as steady:
            steady.ask("join", count=1)
            with Visits(service.url, dice) as visits, sampler:
                changes = _use(visits, sampler, dice, 60 * minutes)
            delivered = steady.ask("count")["frames"][0]
        left = _forgotten(service)
    found = {
        "minutes": minutes,
        "trends": _trends(sampler.samples),
        "fps": _rate(sampler.samples),
        "delivered": delivered,
        "viewers_gone": visits.counts,
        "viewers_left": left,
        "changes": changes,
    }
    if shown:
        _show(found)
    return {**stand.described(), "model": model, **found, "samples": sampler.samples}


def _use(visits: Visits, sampler: Sampler, dice: random.Random, seconds: float) -> int:
    """Let viewers come and go, and change what is shown. Returns how often it was changed."""
    service = sampler.service
    backgrounds = [each["id"] for each in service.state()["choices"]["backgrounds"]]
    backgrounds = [id for id in backgrounds if id.startswith("gallery:")]
    until_s, changes = time.monotonic() + seconds, 0
    while (left_s := until_s - time.monotonic()) > 0:
        count = visits.come()
        service.change(change(dice, backgrounds))
        changes += 1
        time.sleep(min(left_s, dice.uniform(*STAY_S)))
        visits.go(count)
        _forgotten(service, but=1)
        sampler.await_looks(REST_LOOKS)
    return changes


def _trends(samples: Samples) -> dict[str, Any]:
    times_s = samples["t_s"]
    settled_s = min(SETTLE_S, SETTLE_SHARE * times_s[-1]) if times_s else 0.0
    settled = [at for at, time_s in enumerate(times_s) if time_s >= settled_s]
    resting = [at for at in settled if samples["viewers"][at] == 1]
    found = {}
    for name, (share, more) in ALLOWED.items():
        looks = settled if name == "rss_mb" else resting
        if len(looks) < 3:
            raise InputError("too few looks to tell a trend of: more --minutes or a smaller --each")
        one = trend([times_s[at] for at in looks], [samples[name][at] for at in looks])
        flat = one.is_flat(share * one.first + more)
        found[name] = {**one.described(), "flat": flat}
    return {"settled_s": round(settled_s, 1), **found}


def _rate(samples: Samples) -> dict[str, float]:
    rates = sorted(samples["fps"])
    return {"median": rates[len(rates) // 2], "least": rates[0]}


def _forgotten(service: Service, but: int = 0) -> int:
    """How many viewers the service still counts, once those who went are forgotten or overdue."""
    until_s = time.monotonic() + FORGOTTEN_S
    while (left := int(service.figures()["viewers"])) > but and time.monotonic() < until_s:
        time.sleep(0.3)
    return left


def _show(found: dict[str, Any]) -> None:
    table = Table(("soak", "first third", "last third", "floors", "most", "an hour", ""), first=24)
    for name, label in (
        ("rss_mb", "memory, MB"),
        ("descriptors", "descriptors"),
        ("threads", "threads"),
    ):
        one = found["trends"][name]
        cells = [f"{one[part]:.1f}" for part in ("first", "last", "most")]
        cells.insert(2, f"{one['floor_first']:.0f} {one['floor_last']:.0f}")
        table.row((label, *cells, f"{one['slope_per_h']:+.1f}", "flat" if one["flat"] else "GROWS"))
    rate, gone = found["fps"], found["viewers_gone"]
    print(f"composites a second: median {rate['median']:.1f}, least {rate['least']:.1f}")
    print(f"viewers gone: {gone}; still counted at the end: {found['viewers_left']}")
