"""Machines of several kinds, as ./run.edge.sh looks at them: fake files and programs."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

from tests.integration.start_up.checkout import ROOT, Checkout

JETSON = "# R{major} (release), REVISION: {minor}, GCID: 38968081, BOARD: generic, EABI: aarch64\n"
PACKAGE = """\
Package: nvidia-l4t-core
Status: install ok installed
Architecture: arm64
Maintainer: NVIDIA Corporation
Version: {version}-20250107174145
Description: NVIDIA Core Package

"""
UNAME = "#!/bin/sh\ncase $1 in -m) echo {arch} ;; *) echo Linux ;; esac\n"
GPU_PROGRAM = "nvidia-container-runtime-hook"


class Machine:
    """
    A checkout on a machine of its own.

    Args:
        folder: an empty folder.
        arch: as ``uname -m`` says it.
    """

    def __init__(self, folder: Path, arch: str) -> None:
        self.checkout = Checkout(folder)
        self.root = folder / "machine"
        self.root.mkdir()
        shutil.copytree(ROOT / "docker", self.checkout.root / "docker")
        for tool in ("stat", "dpkg-query"):
            found = shutil.which(tool)
            assert found, f"{tool} belongs to every Debian system"
            (self.checkout.bin / tool).symlink_to(found)
        self.checkout.add_tool("uname", UNAME.format(arch=arch))

    def file(self, path: str, content: str = "") -> Path:
        """Put a file on the machine; ``path`` is absolute there."""
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
        return file

    def jetson(self, major: int, minor: str) -> Machine:
        """It is a Jetson with that release of Jetson Linux."""
        self.file("/etc/nv_tegra_release", JETSON.format(major=major, minor=minor))
        return self

    def jetson_by_package(self, version: str) -> Machine:
        """The same, known by its packages alone."""
        self.file("/var/lib/dpkg/status", PACKAGE.format(version=version))
        return self

    def nvidia_gpu(self, *, passed: bool) -> Machine:
        """It has an NVIDIA card, and Docker can pass it on or not."""
        self.file("/proc/driver/nvidia/version", "NVRM version: NVIDIA UNIX x86_64\n")
        if passed:
            self.checkout.add_tool(GPU_PROGRAM, "#!/bin/sh\n")
        return self

    def start(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        """``./run.edge.sh --docker ARGUMENTS``."""
        return self.checkout.run("--docker", *arguments, EDGE_HOST_ROOT=str(self.root), **env)

    def dry_run(self, *arguments: str, **env: str) -> Command:
        """What it would run."""
        done = self.start("--dry-run", *arguments, **env)
        assert done.returncode == 0, done.stderr
        return Command(shlex.split(done.stdout), done.stderr)


class Command:
    """A ``docker run``, taken apart; ``said`` is what was told beside it."""

    def __init__(self, words: list[str], said: str) -> None:
        assert words[:2] == ["docker", "run"]
        self.words, self.said = words, said
        where = words.index("serve") - 1
        self.image, self.service = words[where], words[where + 1 :]
        self._options = words[2:where]

    def has(self, option: str) -> bool:
        """Whether a flag is given."""
        return option in self._options

    def values(self, option: str) -> list[str]:
        """What an option that may be repeated is given."""
        pairs = zip(self._options, self._options[1:], strict=False)
        return [value for name, value in pairs if name == option]
