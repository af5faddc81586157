"""Keeps the memory that every frame needs again, in place of giving it back and taking it anew."""

from __future__ import annotations

import ctypes

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # names of glibc's mallopt
KEEP_BYTES = 128 * 2**20  # free memory at the end of the heap that is not returned to the system
MAPPED_BYTES = 32 * 2**20  # glibc's own limit: larger pieces are always mapped by themselves


def keep_freed_memory() -> bool:
    """
    Have glibc keep what is freed. For the start of the process, before its threads.

    A frame's pictures are some megabytes each; by default glibc returns them to the system when
    they are freed, and each new one then costs a page fault every 4 KiB: at 1280x720 half as much
    time again as refining and composing themselves.

    Returns:
        False where the C library has no such setting (musl, macOS): nothing is lost but time.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # TypeError: Windows has no "this process"
        return False
    return bool(mallopt(MMAP_THRESHOLD, MAPPED_BYTES)) and bool(mallopt(TRIM_THRESHOLD, KEEP_BYTES))
