"""
``python -m tests.integration.faults.cut_off FOLDER``: is killed at each step of each write.

A child dies at the n-th call of a function that a write is made of; then what is in the folder is
read as at a start. Prints one line of JSON: what was found after each.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from edge.gallery import Gallery
from edge.remember import Choice, Memory
from tests.integration.samples import picture

STEPS: dict[str, tuple[object, str]] = {
    "nothing written": (tempfile, "mkstemp"),
    "not on the disk": (os, "fsync"),
    "not yet named": (Path, "replace"),
}


def dies_at(step: str, number: int, work: Callable[[], object]) -> bool:
    """Do ``work`` in a child that is killed at the ``number``-th call. False: it came through."""
    child = os.fork()
    if child == 0:
        owner, name = STEPS[step]
        calls, original = [0], getattr(owner, name)

        def fatal(*arguments: Any, **more: Any) -> Any:
            calls[0] += 1
            if calls[0] == number:
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*arguments, **more)

        setattr(owner, name, fatal)
        work()
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(child, 0)[1])


def chose(folder: Path, source: str) -> None:
    Memory(folder).keep({"source": Choice(configured="auto:", chosen=source)})


def uploads(gallery: Gallery) -> list[str]:
    return [item.label for item in gallery.items() if item.deletable]


def main(folder: Path) -> None:
    found = []
    for step in STEPS:
        shutil.rmtree(folder, ignore_errors=True)
        chose(folder, "demo:")
        died = dies_at(step, 1, lambda: chose(folder, "bars:"))
        kept = Memory(folder).recall("source", "auto:")
        found.append({"what": "choice", "step": step, "died": died, "kept": kept})
        for number in (1, 2, 3):  # the content, its thumbnail, its card
            shutil.rmtree(folder, ignore_errors=True)
            Gallery(folder).add(picture(), "before.png")
            died = dies_at(step, number, lambda: Gallery(folder).add(picture(), "cut off.png"))
            gallery = Gallery(folder)
            kept = uploads(gallery)
            gallery.add(picture(), "after.png")
            found.append(
                {
                    **{"what": f"upload, file {number}", "step": step, "died": died, "kept": kept},
                    "then": uploads(Gallery(folder)),
                }
            )
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
