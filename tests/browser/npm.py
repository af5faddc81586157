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

FETCH_S = 60


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
        kept = (
            cache
            / "edge-matting-tests"
            / "npm"
            / f"{self.name.replace('/', '-')}-{self.version}.tgz"
        )
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
        fetched = subprocess.run(
            ["npm", "pack", "--ignore-scripts", "--pack-destination", folder, wanted],
            capture_output=True,
            text=True,
            timeout=FETCH_S,
            check=False,
        )
        packed = list(folder.glob("*.tgz"))
        if fetched.returncode != 0 or not packed:
            pytest.skip(f"{wanted} cannot be had: npm says {fetched.stderr.strip()[-300:]}")
        return packed[0]
