"""What a maintainer asks for first: versions, the system, the log, what is kept."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import edge

UNIT = "edge-matting"
LOG_LINES = 500
TIMEOUT_S = 15.0
FILES = ("/etc/os-release", "/etc/nv_tegra_release", "/proc/device-tree/model", "/proc/version")
COMMANDS = {
    "cpu": ("lscpu",),
    "gpu": ("nvidia-smi",),
    "power mode": ("nvpmodel", "-q"),
    "disks": ("df", "-h"),
    "memory": ("free", "-m"),
    "unit": ("systemctl", "status", "--no-pager", "--lines=0", UNIT),
}
JOURNALS = {
    "journal": ("journalctl", "--unit", UNIT),
    "the user's journal": ("journalctl", "--user", "--unit", UNIT),
}
NO_LOG = """\
No journal here has lines of this service. Where it was started by hand or in a container, attach
what it printed, too (docker logs edge-matting), without the link: that opens the service.
"""


def versions() -> dict[str, Any]:
    """Of this service, Python and every package in its environment."""
    packages = {
        each.metadata["Name"]: each.version for each in metadata.distributions() if each.metadata
    }
    return {
        "edge": edge.__version__,
        "commit": said(("git", "-C", str(Path(edge.__file__).parents[1]), "rev-parse", "HEAD")),
        "python": sys.version,
        "platform": platform.platform(),
        "packages": dict(sorted(packages.items(), key=lambda each: each[0].lower())),
    }


def system() -> str:
    """The system's own words about itself."""
    parts = {name: _read(Path(name)) for name in FILES}
    parts |= {name: said(command) for name, command in COMMANDS.items()}
    return "\n".join(f"== {name}\n{text.strip()}\n" for name, text in parts.items() if text)


def log() -> str:
    """The last lines of the service's log, where systemd keeps it."""
    ending = ("--lines", str(LOG_LINES), "--no-pager", "--output", "cat", "--quiet")
    parts = {name: said((*command, *ending)) for name, command in JOURNALS.items()}
    return "\n".join(f"== {name}\n{text}" for name, text in parts.items() if text) or NO_LOG


def kept(folder: Path) -> dict[str, Any]:
    """What is in the state folder: names and sizes, and of choices their content. No picture."""
    files = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
    choices = {path.name: _read(path) for path in files if path.name.startswith("state.")}
    sizes = {str(path.relative_to(folder)): _size(path) for path in files}
    return {"files": sizes, "choices": choices}


def said(command: Sequence[str]) -> str:
    """What a program prints; "" where it is not here, fails or hangs."""
    if shutil.which(command[0]) is None:
        return ""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_S,
            env={**os.environ, "LC_ALL": "C"},
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.decode(errors="replace").strip("\n")


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip("\0")
    except OSError:
        return ""


def _size(path: Path) -> int | None:
    try:
        return path.stat().st_size
    except OSError:
        return None
