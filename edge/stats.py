"""How long each stage takes, and what came of the frames."""

from __future__ import annotations

import resource
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from edge.frame import Composite, Frame
from edge.refine.people import NOBODY
from edge.state import Foreground, Latency, Spread, StatsState

WINDOW = 300  # measurements a figure is taken from: ten seconds at 30 fps
RATE_WINDOW_S, SLOW_WINDOW_S, FEW = 2.0, 10.0, 5
STAGES = ("capture", "matte", "refine", "compose", "encode")


class Stats:
    """The figures of one running service. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started = time.monotonic()
        self._stages_s: dict[str, deque[float]] = {s: deque(maxlen=WINDOW) for s in STAGES}
        self._latency_s: deque[float] = deque(maxlen=WINDOW)
        self._published: deque[float] = deque(maxlen=WINDOW)
        self._foreground = NOBODY
        self.captured = 0
        self.composited = 0
        self.slates = 0
        self._slate: str | None = None

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Add the time the body takes to ``stage``, one of STAGES."""
        start = time.perf_counter()
        yield
        self.add(stage, time.perf_counter() - start)

    def add(self, stage: str, seconds: float) -> None:
        """Add one measurement to ``stage``, one of STAGES."""
        with self._lock:
            self._stages_s[stage].append(seconds)

    def waited(self, frame: Frame) -> None:
        """The matting of ``frame`` begins now: what went before is the stage ``capture``."""
        self.add("capture", (time.monotonic_ns() - frame.captured_ns) / 1e9)

    def saw_frame(self) -> None:
        """A source gave a frame."""
        with self._lock:
            self.captured += 1

    def saw_composite(self, composite: Composite, foreground: Foreground) -> None:
        """A matted picture went out to the viewers, with ``foreground`` in it."""
        with self._lock:
            self.composited += 1
            self._slate = None
            self._foreground = foreground
            self._published.append(time.monotonic())
            self._latency_s.append((composite.composited_ns - composite.captured_ns) / 1e9)

    def saw_slate(self, text: str) -> None:
        """A slate that says ``text`` went out: nobody is in the picture."""
        with self._lock:
            self.slates += 1
            self._slate = text
            self._foreground = NOBODY

    def snapshot(self, *, dropped: int, viewers: int) -> StatsState:
        """
        The figures of this moment. Percentiles are None until something was measured.

        Args:
            dropped: frames that were captured and never matted.
            viewers: how many watch.
        """
        with self._lock:
            return StatsState(
                fps=self._rate(),
                captured=self.captured,
                dropped=dropped,
                composited=self.composited,
                slates=self.slates,
                slate=self._slate,
                latency_ms=Latency(**_percentiles_ms(self._latency_s, (50, 95, 99))),
                stages_ms={
                    stage: Spread(**_percentiles_ms(times, (50, 95)))
                    for stage, times in self._stages_s.items()
                },
                viewers=viewers,
                foreground=self._foreground,
                rss_mb=resident_mb(),
                uptime_s=round(time.monotonic() - self._started, 1),
            )

    def _rate(self) -> float:
        """Composites a second, over the last two seconds; of a slow model, over its last few."""
        now = time.monotonic()
        lately = [t for t in self._published if now - t <= SLOW_WINDOW_S]
        recent = [t for t in lately if now - t <= RATE_WINDOW_S]
        if len(recent) < FEW:
            recent = lately[-FEW:]
        if len(recent) < 2:
            return 0.0
        # Up to now, not to the last one: a stall shows at once instead of at its end.
        span = max(recent[-1] - recent[0], (now - recent[0]) * (len(recent) - 1) / len(recent))
        return round((len(recent) - 1) / span, 2)


def resident_mb() -> float:
    """Resident memory of this process, in MB (10^6 bytes); its peak where /proc is missing."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    return round(pages * resource.getpagesize() / 1e6, 1)


def _percentiles_ms(times_s: deque[float], percents: tuple[int, ...]) -> dict[str, float | None]:
    if not times_s:
        return {f"p{p}": None for p in percents}
    values = np.percentile(np.asarray(times_s), percents) * 1e3
    return {f"p{p}": round(float(v), 2) for p, v in zip(percents, values, strict=True)}
