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

HOLES = """
import sys
from pathlib import Path
import numpy as np
from edge.memory import give_back_free_memory, keep_freed_memory
assert keep_freed_memory()
def resident(): return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 // 2**20
pieces = [np.ones(2**20, np.uint8) for _ in range(200)]
kept = pieces[1::2]
del pieces
if sys.argv[1] == "give":
    give_back_free_memory()
print(resident())
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


@glibc
def test_what_is_free_between_what_is_kept_goes_back_when_told_so() -> None:
    assert printed(HOLES, "give") < printed(HOLES, "keep") - 50  # of 100 MiB in holes
