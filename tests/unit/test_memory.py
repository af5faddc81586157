from __future__ import annotations

import platform
import subprocess
import sys

import pytest

FAULTS = """
import resource, sys
import numpy as np
from edge.memory import keep_freed_memory
if sys.argv[1] == "keep":
    assert keep_freed_memory()
def frame(): return [np.ones(2**18, np.float32) for _ in range(20)]
for _ in range(5): frame()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20): frame()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""

HEAPS = """
import ctypes, sys, tempfile, threading
from edge.memory import keep_freed_memory
if sys.argv[1] == "keep":
    assert keep_freed_memory()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.fopen.restype = ctypes.c_void_p, ctypes.c_void_p
libc.fopen.argtypes, libc.fclose.argtypes = [ctypes.c_char_p] * 2, [ctypes.c_void_p]
libc.malloc_info.argtypes = [ctypes.c_int, ctypes.c_void_p]
together = threading.Barrier(4)
def take():
    together.wait()
    libc.malloc(2**18)
    together.wait()
threads = [threading.Thread(target=take) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
with tempfile.NamedTemporaryFile() as told:
    stream = libc.fopen(told.name.encode(), b"w")
    libc.malloc_info(0, stream)
    libc.fclose(stream)
    print(open(told.name).read().count("<heap nr="))
"""


def printed(program: str, how: str) -> int:
    """The number that a fresh process prints."""
    command = [sys.executable, "-c", program, how]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


glibc = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="only glibc has these settings"
)


@glibc
def test_frames_find_their_memory_where_the_last_one_left_it():
    kept, returned = printed(FAULTS, "keep"), printed(FAULTS, "return")
    assert kept < 200
    assert kept < 0.1 * returned


@glibc
def test_all_threads_share_one_heap() -> None:
    assert printed(HEAPS, "keep") == 1
    assert printed(HEAPS, "return") > 1
