"""The GPU's side of edge, on a CUDA driver that needs no GPU and minds every rule."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
NEEDS = {"cuda-python": "cuda", "pycuda": "pycuda"}


@pytest.mark.parametrize("package", NEEDS)
@pytest.mark.parametrize("setting", ["FAKE_DISCRETE", "FAKE_INTEGRATED", "FAKE_NO_CAPTURE"])
def test_all_of_it_works_on(package: str, setting: str, fake_driver: Path) -> None:
    if not find_spec(NEEDS[package]):
        pytest.skip(f"{package} is not installed")
    environment = os.environ | {
        "LD_LIBRARY_PATH": str(fake_driver.parent),
        "LD_PRELOAD": str(fake_driver),
        "PACKAGE": package,
        setting: "1",
    }
    file = str(HERE / "on_fake_driver.py")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", file]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=110
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
