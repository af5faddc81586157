"""Under its unit the service may read the checkout and not write it: it starts all the same."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.ship.ready import ready_checkout

READ_ONLY = """
mount --bind "$1" "$1" && mount -o remount,bind,ro "$1" || exit 99
! touch "$1/written" 2>/dev/null || exit 98
exec "$1/run.edge.sh" --version
"""


def test_an_installed_checkout_starts_without_writing_to_it(tmp_path: Path) -> None:
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("only root can make a folder read-only for a program")
    script = ready_checkout(tmp_path / "check out")
    first = subprocess.run([script, "--version"], capture_output=True, text=True)
    assert first.returncode == 0, first.stderr  # as --install does: all is in place from now on
    again = subprocess.run(
        ["unshare", "--mount", "sh", "-c", READ_ONLY, "sh", script.parent],
        capture_output=True,
        text=True,
    )
    if again.returncode == 99:
        pytest.skip(f"nothing can be mounted here: {again.stderr.strip()}")
    assert (again.returncode, again.stderr) == (0, "")
    assert again.stdout == first.stdout
