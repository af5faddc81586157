"""What the service is started with, and figures of it over a while."""

from __future__ import annotations

import shlex
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from bench.live.clip import clip
from bench.live.program import Program
from bench.live.service import Service
from edge.matting._kept import latest
from edge.settings import Settings
from edge.zoo import default_cache

STATS_S = 10.0  # /api/stats tells of the last ten seconds at 30 fps


@dataclass(frozen=True, slots=True)
class Stand:
    """
    Attributes:
        size: (width, height) of the pictures.
        fps: of the source.
        source: a ``--source`` other than the bench's own clip, or "".
        matting: a ``--matting`` other than the default, or "".
        flags: further flags of ``python -m edge serve``, as a shell has them.
    """

    size: tuple[int, int] = (1280, 720)
    fps: int = 30
    source: str = ""
    matting: str = ""
    flags: str = ""

    @property
    def module(self) -> str:
        """What serves: the service itself, unless a kind of the bench's own is asked for."""
        return "bench.live.serving" if self.matting.startswith("torch:") else "edge"

    def words(self) -> list[str]:
        """The service's flags. Draws the clip at the first call."""
        chosen = ["--matting", self.matting] if self.matting else []
        source = self.source or f"file:{clip(default_cache() / 'bench', self.size, self.fps)}"
        return ["--source", source, *chosen, *shlex.split(self.flags), "--max-viewers", "100"]

    def described(self) -> dict[str, Any]:
        """For a report."""
        return {
            "matting": self.matting or default_matting(),
            "source": self.source or f"clip {self.size[0]}x{self.size[1]} at {self.fps} fps, MJPEG",
            "flags": self.flags,
        }


def default_matting() -> str:
    """What the service runs unless it is told otherwise."""
    return str(Settings.model_fields["matting"].default)


def chosen() -> str:
    """
    The spec that the default comes to: where it is ``auto:``, the real service is shown 1280x720 at
    30 fps until it has chosen.

    Raises:
        InputError: the service does not start.
    """
    spec = default_matting()
    if spec != "auto:":
        return spec
    with Service("edge", ["serve", *Stand().words()]) as service:
        service.await_composites()
        service.settled()
    found = latest(default_cache())
    return found.spec if found else spec


def watched(
    service: Service, seconds: float, viewers: Program | None = None, each_s: float = STATS_S
) -> dict[str, Any]:
    """
    What a service that runs does in the next ``seconds``.

    Args:
        viewers: ``bench.live.counting`` with everyone joined, or None.
        each_s: how often its latency is read.

    Returns:
        ``seconds``; ``captured``, ``dropped``, ``composited``; ``fps``; ``latency_ms`` p50, p95
        (median of its ten-second windows) and ``p95_worst``; ``cpu_percent`` of one core;
        ``cpu_s``; ``rss_mb`` at the end, ``rss_mb_first`` and ``rss_mb_most``; ``stages_ms``; and
        with viewers ``delivered`` and ``delivered_fps`` of each, ``packets`` and ``lost`` of all.
    """
    had = viewers.ask("count") if viewers else None
    cpu, before, begin_s = service.usage(), service.figures(), time.monotonic()
    windows, resident_mb = list[dict[str, Any]](), [cpu.rss_mb]
    while (left_s := begin_s + seconds - time.monotonic()) > 0:
        time.sleep(min(left_s, each_s))
        windows.append(service.figures())
        resident_mb.append(service.usage().rss_mb)
    has = viewers.ask("count") if viewers else None
    used, after, end_s = service.usage(), service.figures(), time.monotonic()
    took_s = end_s - begin_s
    counted: dict[str, Any] = {
        name: after[name] - before[name]
        for name in ("captured", "dropped", "composited", "slates")
        if name in after
    }
    return {
        "seconds": round(took_s, 2),
        **counted,
        "fps": round(counted["composited"] / took_s, 2),
        **(_latencies(windows) if "latency_ms" in after else {}),
        "cpu_s": round(used.cpu_s - cpu.cpu_s, 2),
        "cpu_percent": round(100 * (used.cpu_s - cpu.cpu_s) / took_s, 1),
        "rss_mb": used.rss_mb,
        "rss_mb_first": resident_mb[0],
        "rss_mb_most": max(resident_mb),
        **(_delivered(had, has) if had and has else {}),
    }


def _latencies(windows: list[dict[str, Any]]) -> dict[str, Any]:
    p50 = [w["latency_ms"]["p50"] for w in windows if w["latency_ms"]["p50"] is not None]
    p95 = [w["latency_ms"]["p95"] for w in windows if w["latency_ms"]["p95"] is not None]
    if not p95:
        return {"latency_ms": None, "stages_ms": windows[-1]["stages_ms"]}
    return {
        "latency_ms": {
            "p50": round(float(np.median(p50)), 2),
            "p95": round(float(np.median(p95)), 2),
            "p95_worst": round(max(p95), 2),
        },
        "stages_ms": windows[-1]["stages_ms"],
    }


def _delivered(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Rates by the viewers' own clock readings: theirs are not the service's to the millisecond."""
    frames = [now - then for then, now in zip(before["frames"], after["frames"], strict=True)]
    took_s = after["at_s"] - before["at_s"]
    return {
        "delivered": frames,
        "delivered_fps": [round(count / took_s, 2) for count in frames],
        "packets": sum(after["packets"]) - sum(before["packets"]),
        "lost": sum(after["lost"]) - sum(before["lost"]),
    }
