"""Where a number comes from: without that, it cannot be compared with another."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import edge

PACKAGES = (
    *("numpy", "opencv-python-headless", "av", "aiortc"),
    *("onnxruntime", "onnxruntime-gpu", "openvino", "torch"),
)
ROOT = Path(__file__).resolve().parents[1]


def provenance() -> dict[str, Any]:
    """Machine, versions and commit, ready for JSON."""
    return {
        "machine": {
            "system": f"{platform.system()} {platform.machine()}",
            "cpu": _cpu(),
            "cores": os.cpu_count(),
            "load_1min": round(os.getloadavg()[0], 1),  # over "cores", times say little
        },
        "versions": {"edge": edge.__version__, "python": platform.python_version(), **_packages()},
        "commit": _commit(),
    }


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


def _packages() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _commit() -> str | None:
    """The commit's hash, with "+" where files differ from it; None outside a checkout."""
    try:
        commit = _git("rev-parse", "HEAD")
        return commit + "+" * bool(_git("status", "--porcelain", "--untracked-files=no"))
    except (OSError, subprocess.SubprocessError):
        return None


def _git(*arguments: str) -> str:
    command = ["git", "-C", str(ROOT), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
