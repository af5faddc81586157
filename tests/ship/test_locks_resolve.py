"""pip finds a wheel for all that a lock pins, on the machines that the lock is for."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# One for each image: its system's Python and machine.
LOCKS = {
    "cpu-py311": ("311", "aarch64"),
    "gpu-py312": ("312", "x86_64"),
    "jetpack6-py310": ("310", "aarch64"),
    "jetpack7-py312": ("312", "aarch64"),
}
# Up to the C library of JetPack 6; pip takes no wheel of an older one unless it is named.
GLIBCS = ("2_35", "2_34", "2_31", "2_28", "2_27", "2_26", "2_24", "2_17", "2_5")
PIP = [sys.executable, "-I", "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
PIP += ["--dry-run", "--quiet"]


@pytest.fixture(scope="module")
def index() -> None:
    """The package index answers."""
    asked = subprocess.run(
        [*PIP, "--ignore-installed", "--no-deps", "packaging"], capture_output=True, text=True
    )
    if asked.returncode != 0:
        pytest.skip(f"the package index cannot be reached: {asked.stderr.strip()[-200:]}")


def dry_run(lock: str, report: Path) -> subprocess.Popen[str]:
    python, machine = LOCKS[lock]
    platforms = [f"manylinux_{glibc}_{machine}" for glibc in GLIBCS]
    platforms += [f"manylinux2014_{machine}", f"linux_{machine}"]
    return subprocess.Popen(
        [
            *PIP,
            *("--report", str(report), "--target", str(report.with_suffix("")), "--require-hashes"),
            *("--only-binary=:all:", "--implementation", "cp", "--python-version", python),
            # Some pips compare Requires-Python with their own Python in place of the target's.
            "--ignore-requires-python",
            *(word for platform in platforms for word in ("--platform", platform)),
            *("--requirement", str(ROOT / "locks" / f"{lock}.txt")),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_every_lock_resolves_from_wheels_alone(index: None, tmp_path: Path) -> None:
    runs = {lock: dry_run(lock, tmp_path / f"{lock}.json") for lock in LOCKS}  # all at once
    faults = {}
    for lock, run in runs.items():
        _, errors = run.communicate()
        if run.returncode != 0:
            faults[lock] = errors[-500:]
            continue
        found = json.loads((tmp_path / f"{lock}.json").read_text())["install"]
        urls = [each["download_info"]["url"].partition("#")[0] for each in found]
        pins = (ROOT / "locks" / f"{lock}.txt").read_text().count("==")
        if len(urls) != pins or not all(url.endswith(".whl") for url in urls):
            faults[lock] = f"{len(urls)} of {pins} found"
    assert faults == {}
