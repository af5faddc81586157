"""
``python -m bench startup``: from ``python -m edge`` to listening, and to the first matted picture.

Runs take turns with a bare interpreter, which says how busy the machine was. The operating system
has the files in memory from the second run on, and the models' caches are warm: that is the start
after a stop of the service, not of the machine.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections import defaultdict
from typing import Any

from bench.live.service import ROOT, Service
from bench.live.stand import Stand
from bench.table import Table, spread
from edge.errors import InputError

IMPORTED = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)")  # own microseconds, module
TOP = 12
BARE = ("-c", "pass")
MODULES = ("-c", "import edge.serve")


def report_startup(stand: Stand, runs: int, shown: bool) -> dict[str, Any]:
    """
    Returns:
        Seconds, median and [least, most]: ``listening_s`` and ``first_picture_s`` of the service,
        ``imports_s`` of its modules alone, ``interpreter_s`` of ``python -c pass``;
        ``import_ms``, package -> time of its own in one start, the ``TOP`` longest; and
        ``import_total_ms`` of all.

    Raises:
        InputError: the service does not start.
    """
    if runs < 1:
        raise InputError(f"--runs {runs}: wanted 1 or more")
    words = ["serve", *stand.words()]
    _started(words)  # not counted: it may compile the model, and warms the file cache
    times: dict[str, list[float]] = defaultdict(list)
    for _ in range(runs):
        times["interpreter_s"].append(_ran(BARE))
        times["imports_s"].append(_ran(MODULES))
        listening_s, picture_s = _started(words)
        times["listening_s"].append(listening_s)
        times["first_picture_s"].append(picture_s)
    imports = _imports(words)
    found: dict[str, Any] = {name: spread(values) for name, values in times.items()}
    found["import_ms"] = dict(sorted(imports.items(), key=lambda item: -item[1])[:TOP])
    found["import_total_ms"] = round(sum(imports.values()), 1)
    if shown:
        _show(found)
    return {**stand.described(), "runs": runs, **found}


def _started(words: list[str]) -> tuple[float, float]:
    with Service("edge", words) as service:
        picture_ns = service.await_composites()
        begun_ns = service.begun_ns
        return (service.listening_ns - begun_ns) / 1e9, (picture_ns - begun_ns) / 1e9


def _ran(words: tuple[str, ...]) -> float:
    begin_s = time.monotonic()
    subprocess.run([sys.executable, *words], cwd=ROOT, check=True)
    return time.monotonic() - begin_s


def _imports(words: list[str]) -> dict[str, float]:
    """Package -> ms that its own modules took, up to the first picture, while being timed."""
    own_us: dict[str, int] = defaultdict(int)
    with Service("edge", words, python=("-X", "importtime")) as service:
        service.await_composites()
        for line in service.log.read_text(errors="replace").splitlines():
            if found := IMPORTED.match(line):
                own_us[found[2].partition(".")[0]] += int(found[1])
    return {package: round(us / 1e3, 1) for package, us in own_us.items()}


def _show(found: dict[str, Any]) -> None:
    table = Table(("start", "median s", "least", "most"), first=34)
    for name, label in (
        ("interpreter_s", "python -c pass"),
        ("imports_s", "import edge.serve"),
        ("listening_s", "python -m edge: listening"),
        ("first_picture_s", "python -m edge: first matted picture"),
    ):
        table.row((label, *(f"{found[name][at]:.2f}" for at in ("median", "least", "most"))))
    imports = Table(("imports, each package's own", "ms"), first=34)
    for package, ms in found["import_ms"].items():
        imports.row((package, f"{ms:.0f}"))
