"""
An archive from the package index, by ``pip download`` in a child process.

pip knows the user's mirror, proxy, certificates and credentials; nothing of that is repeated here.
It is given the archive's sha256 and refuses any other file before it looks inside.

For a source archive pip insists on asking its build backend for the metadata, which would mean
installing that backend and running it. We only want a file out of the archive, so pip is handed
a stand-in of the backend that writes three lines of metadata: nothing from the archive runs.
"""

from __future__ import annotations

import errno
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.zoo.assets import Package
from edge.zoo.fetching.archive import Unavailable
from edge.zoo.fetching.progress import Progress

STALL_S = 240.0  # without a new byte; longer than pip's own time-outs and retries
_POLL_S = 0.2

_BACKEND = """
from pathlib import Path

def get_requires_for_build_wheel(config_settings=None):
    return []

def prepare_metadata_for_build_wheel(metadata_directory, config_settings=None):
    folder = Path(metadata_directory, "{name}-{version}.dist-info")
    folder.mkdir()
    text = "Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n"
    (folder / "METADATA").write_text(text)
    return folder.name
"""


@contextmanager
def download(package: Package, work: Path, progress: Progress) -> Iterator[Path]:
    """
    Have pip download ``package``; the archive is there until the block ends.

    Args:
        package: what to get.
        work: a folder to work in; pip's temporary files stay in it too.
        progress: called about five times a second with the bytes so far and in all.

    Raises:
        Unavailable: pip failed; its own last words are in the message.
        OSError: ``work`` cannot be written, or is full.
    """
    if importlib.util.find_spec("pip") is None:
        raise Unavailable("this Python has no pip (python -m ensurepip adds it)")
    room = work / "pip"
    shutil.rmtree(room, ignore_errors=True)  # of a call that was killed
    try:
        for part in ("got", "tmp", "backend"):
            (room / part).mkdir(parents=True)
        _run(_command(package, room), _environment(package, room), room, package, progress)
        archive = room / "got" / package.archive
        if not archive.is_file():
            found = ", ".join(path.name for path in (room / "got").iterdir()) or "nothing"
            raise Unavailable(f"pip brought {found}, wanted {package.archive}")
        yield archive
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _command(package: Package, room: Path) -> list[str]:
    wanted = room / "requirements.txt"
    wanted.write_text(f"{package.name}=={package.version} --hash=sha256:{package.sha256}\n")
    kind = ["--only-binary=:all:"]
    if not package.is_wheel:
        kind = ["--no-binary=:all:", "--no-build-isolation"]
    return [
        *(sys.executable, "-m", "pip", "download", "--no-deps", "--ignore-requires-python"),
        *("--no-cache-dir", "--no-input", "--progress-bar=off", "--retries=2"),
        *("--disable-pip-version-check", *kind),
        *("--dest", str(room / "got"), "--requirement", str(wanted)),
    ]


def _environment(package: Package, room: Path) -> dict[str, str]:
    environment = {**os.environ, "TMPDIR": str(room / "tmp"), "LC_ALL": "C.UTF-8"}
    if package.backend is not None:
        module = (room / "backend").joinpath(*package.backend.split("."))
        module.mkdir(parents=True)
        text = _BACKEND.format(name=package.name.replace("-", "_"), version=package.version)
        (module / "__init__.py").write_text(text)
        paths = [str(room / "backend"), os.environ.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    return environment


def _run(
    command: list[str],
    environment: dict[str, str],
    room: Path,
    package: Package,
    progress: Progress,
) -> None:
    log = room / "log"
    with log.open("wb") as output:
        child = subprocess.Popen(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        try:
            _watch(child, room, package, progress)
        finally:  # also on Ctrl-C: no pip is left behind
            if child.poll() is None:
                child.kill()
            child.wait()
    if child.returncode != 0:
        text = log.read_text("utf-8", "replace")
        if "No space left on device" in text:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(room))
        raise Unavailable(_last_words(text) or f"pip ended with status {child.returncode}")


def _watch(
    child: subprocess.Popen[bytes],
    room: Path,
    package: Package,
    progress: Progress,
) -> None:
    """Report pip's progress by the size of what it has written, until it ends."""
    seen, changed = 0, time.monotonic()
    while True:
        try:
            child.wait(_POLL_S)
            return
        except subprocess.TimeoutExpired:
            size = min(_bytes_in(room), package.size_bytes)
        if size > seen:
            seen, changed = size, time.monotonic()
            progress(size, package.size_bytes)
        elif time.monotonic() - changed > STALL_S:
            raise Unavailable(f"no data for {STALL_S:.0f} s")


def _bytes_in(room: Path) -> int:
    """The largest file under ``room``: the download, while there is one."""
    sizes = [0]
    for folder, _, names in os.walk(room):
        for name in names:
            try:
                sizes.append(os.stat(os.path.join(folder, name)).st_size)  # noqa: PTH116, PTH118 - in a loop over pip's many temporary files
            except FileNotFoundError:  # pip took it away between the two calls
                continue
    return max(sizes)


def _last_words(text: str) -> str:
    """What pip gave as its error, on one line, without passwords in addresses."""
    errors = [line for line in text.splitlines() if line.startswith("ERROR:")]
    line = errors[-1].removeprefix("ERROR:").strip() if errors else ""
    return re.sub(r"//[^/@\s]+@", "//***@", line)[:300]
