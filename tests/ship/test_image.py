"""The image, built by buildah and tried out from inside; scripts/image.sh does the work."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "image.sh"
MISSING = 77  # its exit status where tools are missing
LIMIT_MB = 450  # over its base, unpacked, without OpenVINO
UNITS = {"kB": 1e-3, "KB": 1e-3, "MB": 1.0, "GB": 1e3}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(3600)]


def tried(arch: str) -> dict[str, Any]:
    """What the script saw of the image for ``arch``; skips where it cannot work."""
    done = subprocess.run([str(SCRIPT), arch], capture_output=True, text=True)
    if done.returncode == MISSING:
        pytest.skip(done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


def megabytes(size: str) -> float:
    found = re.fullmatch(r"([0-9.]+) ([kKMG]B)", size)
    assert found, size
    return float(found[1]) * UNITS[found[2]]


def serves(found: dict[str, Any]) -> None:
    seen = found["seen"]
    assert seen["frame"]["size"] == [320, 180], "a matted frame came over WebRTC"
    assert seen["healthcheck"] == 0
    assert seen["status"] == 0, "it ended by itself when told to"
    assert seen["user"] == 10001
    assert 44 in seen["groups"], "cameras belong to Debian's group video"
    assert found["tools"] == "", "nothing is left that could build or install"


def test_the_image_of_this_machine_serves_a_matted_frame() -> None:
    found = tried("amd64" if os.uname().machine == "x86_64" else "arm64")
    serves(found)
    assert megabytes(found["size"]) - megabytes(found["base"]) < LIMIT_MB


@pytest.mark.skipif(
    os.environ.get("EDGE_IMAGE_ARM64") != "yes",
    reason="under QEMU it takes longer than all other tests together: EDGE_IMAGE_ARM64=yes runs "
    "it; the last figures are in bench/results/images.json",
)
def test_the_image_for_arm64_serves_a_matted_frame() -> None:
    serves(tried("arm64"))


def test_an_unknown_machine_is_refused() -> None:
    done = subprocess.run([str(SCRIPT), "riscv64"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "wanted amd64 or arm64" in done.stderr
