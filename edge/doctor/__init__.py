"""``python -m edge doctor``: what this machine can do, what is missing, and what to do about it."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from edge.doctor.checks import (
    Finding,
    cameras,
    encoders,
    gpu,
    machine,
    matting,
    publishers,
    runtimes,
    storage,
)

if TYPE_CHECKING:
    from edge.zoo import Zoo

__all__ = ["Finding", "examine", "report"]

Check = Callable[[], Iterable[Finding]]


def examine(
    zoo: Zoo, state_dir: Path, address: tuple[str, int], publish: Sequence[str] = ()
) -> list[Finding]:
    """
    Look at everything; takes some seconds, and nothing is changed.

    Args:
        zoo: the models and clips, and the folder they are kept in.
        state_dir: where the service keeps choices and uploads.
        address: (host, port) that the service would listen at.
        publish: the publishers of the settings.

    Returns:
        The rows, in the order of the report. A check that fails itself is a row too.
    """
    checks: dict[str, Check] = {
        "machine": machine.examine,
        "GPU": gpu.examine,
        "cameras": cameras.examine,
        "runtimes": runtimes.examine,
        "automatic model": lambda: matting.examine(zoo),
        "encoders": encoders.examine,
        "publishers": lambda: publishers.examine(publish),
        "models": lambda: storage.assets(zoo),
        "folders": lambda: [
            storage.folder("state folder", state_dir, "--state-dir"),
            storage.folder("cache folder", zoo.cache, "--cache-dir"),
        ],
        "port": lambda: [storage.port(address)],
    }
    with ThreadPoolExecutor(4) as pool:  # they wait for child processes, mostly
        return [
            finding
            for findings in pool.map(_guarded, checks.keys(), checks.values())
            for finding in findings
        ]


def _guarded(name: str, check: Check) -> list[Finding]:
    try:
        return list(check())
    except Exception as error:  # noqa: BLE001 - one broken check must not hide the others
        found = f"{type(error).__name__}: {error}"
        return [Finding(name, "problem", found, "this could not be examined", "please report it")]


def report(findings: Sequence[Finding], width: int = 100) -> str:
    """
    The rows as text: status, name and facts; under them what they mean and what to do.

    Args:
        width: columns of the terminal.
    """
    indent = 9 + max((len(finding.name) for finding in findings), default=0) + 2
    lines = []
    for finding in findings:
        head = f"{finding.status:<9}{finding.name:<{indent - 9}}"
        lines += _wrapped(finding.found, head, indent, width)
        if finding.meaning:
            lines += _wrapped(finding.meaning, " " * indent, indent, width)
        if finding.advice and finding.status != "ok":
            lines += _wrapped(f"-> {finding.advice}", " " * indent, indent + 3, width)
    return "\n".join([*lines, "", _summary(findings)])


def _wrapped(text: str, first: str, indent: int, width: int) -> list[str]:
    return textwrap.wrap(
        text,
        max(width, indent + 30),
        initial_indent=first,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _summary(findings: Sequence[Finding]) -> str:
    problems = [finding.name for finding in findings if finding.status == "problem"]
    if not problems:
        return "No problem found. What is missing is only needed for what its row says."
    return f"{len(problems)} problem{'s' * (len(problems) != 1)}: {', '.join(problems)}."
