"""What a process has used so far, its children included, as Linux tells."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from edge.errors import InputError

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Usage:
    """
    Attributes:
        cpu_s: on all cores together.
        rss_mb: resident memory (10^6 bytes).
    """

    cpu_s: float
    rss_mb: float


def usage(pid: int) -> Usage:
    """
    Of ``pid`` and of all processes it started.

    Raises:
        InputError: it is gone, or this is not Linux.
    """
    try:
        each = [_one(member) for member in _family(pid)]
    except OSError as error:
        raise InputError(
            f"process {pid}: {error.strerror}; wanted Linux, and it running"
        ) from error
    return Usage(sum(u.cpu_s for u in each), round(sum(u.rss_mb for u in each), 1))


@dataclass(frozen=True, slots=True)
class Held:
    """
    Attributes:
        rss_mb: resident memory (10^6 bytes).
        descriptors: open files, sockets and the like.
        threads: in all processes.
    """

    rss_mb: float
    descriptors: int
    threads: int


def held(pid: int) -> Held:
    """
    What ``pid`` and all processes it started hold now.

    Raises:
        InputError: it is gone, or this is not Linux.
    """
    try:
        family = [PROC / str(member) for member in _family(pid)]
        descriptors = sum(len(list((one / "fd").iterdir())) for one in family)
        threads = sum(len(list((one / "task").iterdir())) for one in family)
    except OSError as error:
        raise InputError(
            f"process {pid}: {error.strerror}; wanted Linux, and it running"
        ) from error
    return Held(usage(pid).rss_mb, descriptors, threads)


def _family(pid: int) -> list[int]:
    found = [pid]
    for task in (PROC / str(pid) / "task").iterdir():
        children = task / "children"
        for child in children.read_text().split() if children.exists() else ():
            found += _family(int(child))
    return found


def _one(pid: int) -> Usage:
    after_name = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    ticks = int(after_name[11]) + int(after_name[12])  # utime and stime: fields 14 and 15
    pages = int((PROC / str(pid) / "statm").read_text().split()[1])
    return Usage(ticks / os.sysconf("SC_CLK_TCK"), pages * os.sysconf("SC_PAGE_SIZE") / 1e6)
