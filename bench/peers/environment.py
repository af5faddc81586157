"""A Python environment for the peers, beside the project's own: made once, pinned, kept."""

from __future__ import annotations

import hashlib
import json
import logging
import subprocess
import sys
import tarfile
import venv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edge.errors import EdgeError
from edge.files import write_atomically
from edge.zoo import Zoo
from edge.zoo.fetching import fetch

logger = logging.getLogger(__name__)

OLD = sys.version_info < (3, 11)  # the last releases that take Python 3.10
RUNTIME = "onnxruntime==1.23.2" if OLD else "onnxruntime==1.31.1"
PACKAGES: dict[str, tuple[str, ...]] = {
    "base": ("opencv-python-headless==5.0.0.93", RUNTIME),
    "rembg": ("rembg==2.0.67" if OLD else "rembg==2.0.86", RUNTIME),
    "mediapipe": ("ai-edge-litert==2.1.0" if OLD else "ai-edge-litert==2.3.0",),
    "aiortc": ("aiortc==1.15.0" if OLD else "aiortc==1.16.0",),
}
NETWORKS = ("u2netp", "modnet", "rvm_mobilenetv3")  # of the zoo, as their authors publish them
SELFIE = "@mediapipe/selfie_segmentation@0.1.1675465747"
SELFIE_FILES = {  # name -> SHA-256; the first is taken last, so that it stands for both
    "selfie_segmentation_landscape.tflite": (
        "4aafe6223bb8dac6fac8ca8ed56852870a33051ef3f6238822d282a109962894"
    ),
    "selfie_segmentation.tflite": (
        "8d13b7fae74af625c641226813616a2117bd6bca19eb3b75574621fc08557f27"
    ),
}
SELFIE_FILE = next(iter(SELFIE_FILES))
INSTALL_S = 600


@dataclass(frozen=True, slots=True)
class Environment:
    """
    Attributes:
        python: its interpreter.
        files: name of a network -> its file.
        missing: what could not be had -> why.
        versions: of what was installed on purpose.
    """

    python: Path
    files: dict[str, Path]
    missing: dict[str, str]
    versions: tuple[str, ...]


def prepare(cache: Path, zoo: Zoo, say: Callable[[str], None]) -> Environment:
    """
    Make the environment in ``cache``, or take it as it was made before.

    What cannot be had now is tried again the next time; nothing that is missing is an error here.

    Args:
        say: is told, in a line, what takes long.

    Raises:
        OSError: ``cache`` cannot be written.
    """
    text = json.dumps([PACKAGES, sys.version_info[:2]])
    folder = cache / "bench" / f"peers-{hashlib.sha256(text.encode()).hexdigest()[:12]}"
    python = folder / "venv" / "bin" / "python"
    missing: dict[str, str] = {}
    if not python.exists():
        say("making an environment for the peers ...")
        venv.create(folder / "venv", with_pip=False)
    for group, packages in PACKAGES.items():
        _once(folder / f"{group}.done", missing, group, lambda p=packages: _install(python, p, say))  # type: ignore[misc]
    files = {name: folder / zoo.asset(name).file for name in NETWORKS}
    for name, path in files.items():
        _once(path, missing, name, lambda n=name: _published(n, zoo, folder, say))  # type: ignore[misc]
    files["selfie"] = folder / SELFIE_FILE
    _once(files["selfie"], missing, "selfie", lambda: _selfie(folder, say))
    versions = tuple(sorted({p for group in PACKAGES.values() for p in group} | {SELFIE}))
    return Environment(python, files, missing, versions)


def _once(mark: Path, missing: dict[str, str], what: str, bring: Callable[[], None]) -> None:
    """Unless ``mark`` is there, ``bring`` it; why it cannot be had goes into ``missing``."""
    if mark.exists():
        return
    try:
        bring()
        if not mark.exists():
            write_atomically(mark, b"")
    except (EdgeError, subprocess.SubprocessError, OSError, ValueError) as error:
        missing[what] = _words(error)


def _install(python: Path, packages: tuple[str, ...], say: Callable[[str], None]) -> None:
    say(f"installing {' '.join(packages)} ...")
    pip = [sys.executable, "-m", "pip", "--python", str(python)]
    quiet = ["--quiet", "--disable-pip-version-check", "--only-binary=:all:"]
    command = [*pip, "install", *quiet, *packages]
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=INSTALL_S)


def _published(name: str, zoo: Zoo, folder: Path, say: Callable[[str], None]) -> None:
    asset = zoo.asset(name)
    say(f"fetching {asset.file} ({asset.size_bytes / 1e6:.0f} MB) ...")
    work = folder / "work"
    work.mkdir(parents=True, exist_ok=True)
    fetch(asset, None, work, lambda done, total: None).replace(folder / asset.file)


def _selfie(folder: Path, say: Callable[[str], None]) -> None:
    say(f"fetching {SELFIE} from npm ...")
    command = ["npm", "pack", SELFIE, "--silent", "--pack-destination", str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=INSTALL_S)
    package = folder / done.stdout.split()[-1]
    with tarfile.open(package) as archive:
        for name, wanted in reversed(SELFIE_FILES.items()):
            member = archive.extractfile(f"package/{name}")
            data = member.read() if member else b""
            if hashlib.sha256(data).hexdigest() != wanted:
                raise ValueError(f"{SELFIE} has another {name} than the one that was pinned")
            write_atomically(folder / name, data)
    package.unlink()


def _words(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        lines = str(error.stderr or error.stdout or "").strip().splitlines()
        return lines[-1] if lines else f"{error.cmd[0]} failed"
    if isinstance(error, FileNotFoundError) and "/" not in str(error.filename):
        return f"{error.filename}: not installed"
    return str(error).strip().splitlines()[-1]
