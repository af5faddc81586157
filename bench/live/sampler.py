"""What the service holds and gives, looked at again and again."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import TypeAlias

from bench.live.service import Service
from bench.live.usage import held
from edge.errors import InputError

TOLD_EVERY = 12  # looks
Samples: TypeAlias = "dict[str, list[float]]"


class Sampler:
    """
    Looks in a thread of its own, within the ``with`` block.

    Args:
        each_s: between two looks.
        shown: print a look now and then.

    Attributes:
        samples: name -> a value for each look: ``t_s`` since the beginning, ``rss_mb``,
            ``descriptors``, ``threads``, composites a second (``fps``) and ``viewers``.
    """

    def __init__(self, service: Service, each_s: float, shown: bool) -> None:
        self.samples: Samples = {
            name: [] for name in ("t_s", "rss_mb", "descriptors", "threads", "fps", "viewers")
        }
        self.service = service
        self._each_s = each_s
        self._shown = shown
        self._ended = threading.Event()
        self._fault: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)

    def __enter__(self) -> None:
        self._begun_s = time.monotonic()
        self._thread.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Raises InputError when the service was gone, and nothing else is raised already."""
        self._ended.set()
        self._thread.join()
        if self._fault is not None and kind is None:
            raise self._fault

    def await_looks(self, count: int) -> None:
        """Wait until it looked ``count`` times more, or cannot look any more."""
        wanted = len(self.samples["t_s"]) + count
        while len(self.samples["t_s"]) < wanted and self._thread.is_alive():
            time.sleep(0.1)

    def _run(self) -> None:
        try:
            while True:
                before, then_s = self.service.figures(), time.monotonic()
                if self._ended.wait(self._each_s):
                    return
                self._look(before["composited"], then_s)
        except InputError as fault:  # raised where the block ends
            self._fault = fault

    def _look(self, composited: int, then_s: float) -> None:
        figures, now_s = self.service.figures(), time.monotonic()
        holds = held(self.service.pid)
        values = {
            "t_s": round(now_s - self._begun_s, 1),
            "rss_mb": holds.rss_mb,
            "descriptors": holds.descriptors,
            "threads": holds.threads,
            "fps": round((figures["composited"] - composited) / (now_s - then_s), 2),
            "viewers": figures["viewers"],
        }
        for name, value in values.items():
            self.samples[name].append(value)
        if self._shown and len(self.samples["t_s"]) % TOLD_EVERY == 1:
            words = (f"{name} {value:g}" for name, value in values.items())
            print("  ".join(words), flush=True)
