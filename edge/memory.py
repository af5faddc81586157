"""Keeps the memory that every frame needs again, in place of giving it back and taking it anew."""

from __future__ import annotations

import ctypes
from contextlib import suppress

TRIM_THRESHOLD, MMAP_THRESHOLD, ARENA_MAX = -1, -3, -8  # names of glibc's mallopt
KEEP_BYTES = 64 * 2**20  # free memory at the end of the heap that is not returned to the system
MAPPED_BYTES = 32 * 2**20  # glibc's own limit: larger pieces are always mapped by themselves


def keep_freed_memory() -> bool:
    """
    Have glibc keep what is freed, in one heap. For the start of the process, before its threads.

    A frame's pictures are some megabytes each; by default glibc returns them to the system when
    they are freed, and each new one then costs a page fault every 4 KiB: at 1280x720 half as much
    time again as refining and composing themselves. By default, too, each thread has a heap of its
    own; a picture is made in one thread and freed in the next, so that each heap would keep the
    pictures of all: 150 MB more than one heap for all of them.

    Returns:
        False where the C library has no such setting (musl, macOS): nothing is lost but time.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # TypeError: Windows has no "this process"
        return False
    wanted = ((ARENA_MAX, 1), (MMAP_THRESHOLD, MAPPED_BYTES), (TRIM_THRESHOLD, KEEP_BYTES))
    return all([bool(mallopt(name, value)) for name, value in wanted])


def give_back_free_memory() -> None:
    """
    Return to the system what is free inside the heap. Takes milliseconds; for after a piece of work
    that needed much more for a moment than frames do, such as trying several models.
    """
    with suppress(AttributeError, OSError, TypeError):  # as above
        ctypes.CDLL(None).malloc_trim(0)
