"""How many cores there are, and how they are divided between the model and the rest."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")
MOST = 8  # threads of one model: with more, small networks wait for each other


def usable_cores(cgroup: Path = CGROUP) -> float:
    """The cores this process may use: its affinity, or less where a container has a quota."""
    if hasattr(os, "sched_getaffinity"):
        cores = float(len(os.sched_getaffinity(0)))
    else:
        cores = float(os.cpu_count() or 1)
    quota = ""
    with contextlib.suppress(OSError):
        quota = (cgroup / "cpu.max").read_text()
    limit, _, period = quota.partition(" ")
    if limit.isdigit() and period.strip().isdigit():
        cores = min(cores, round(int(limit) / int(period), 1))
    return cores


def model_threads(cores: float) -> Sequence[int]:
    """
    Numbers of threads that are worth trying for one model, fewest first.

    Half of the cores first: the others decode the camera's frames, compose, and encode, all while
    the model works on the next frame, and a model whose threads must wait for a core that encodes
    waits with all of them. Where that is too slow all cores are tried: what they lose by waiting
    for each other may still be less than what they gain.
    """
    whole = max(1, int(cores))
    return sorted({max(1, min(MOST, whole // 2)), min(MOST, whole)})


def picture_threads(cores: float) -> int:
    """
    How many threads one operation on a picture is split among.

    The stages and the model work at the same time already: split further, each waits for the model
    to leave a core. Only where there are many, large pictures are done sooner by it.
    """
    return max(1, min(MOST, int(cores) // 4))


def divide_cores() -> None:
    """Have OpenCV use ``picture_threads`` of this machine. For the start of a process."""
    import cv2  # whoever only counts cores need not load it

    cv2.setNumThreads(picture_threads(usable_cores()))
