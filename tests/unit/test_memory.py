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


def faults(how: str) -> int:
    """Page faults of 20 frames in a fresh process."""
    command = [sys.executable, "-c", FAULTS, how]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc has this setting")
def test_frames_find_their_memory_where_the_last_one_left_it():
    kept, returned = faults("keep"), faults("return")
    assert kept < 200
    assert kept < 0.1 * returned
