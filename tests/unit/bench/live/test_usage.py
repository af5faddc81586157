"""What a process and those it started have used."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bench.live.usage import usage
from edge.errors import InputError

BURN = "import time\nwhile time.process_time() < 0.3: pass\nprint('done', flush=True)\ninput()"
PARENT = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {BURN!r}], stdin=subprocess.PIPE)
input()
child.communicate(b"\\n")
"""


@pytest.mark.parametrize("source", [BURN, PARENT], ids=["its own", "of a child"])
def test_processor_time_and_memory_are_told(source: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", source], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "done\n"
        found = usage(process.pid)
        assert found.cpu_s >= 0.29  # the kernel counts in hundredths
        assert found.rss_mb > 3
    finally:
        process.communicate("\n", timeout=30)


def test_a_process_that_is_gone_is_told_as_such() -> None:
    process = subprocess.Popen([sys.executable, "-c", "pass"])
    process.wait()
    with pytest.raises(InputError, match=f"process {process.pid}"):
        usage(process.pid)
