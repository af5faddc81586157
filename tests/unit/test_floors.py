"""The house's order: imports go down only, and the service never needs torch."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EDGE = ROOT / "edge"

FLOORS: dict[int, set[str]] = {
    0: {"frame", "errors"},
    1: {"files", "secrets", "controls", "latest", "fit", "guard"},
}


def modules() -> dict[str, Path]:
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
        for path in EDGE.rglob("*.py")
    }


def imported(path: Path) -> set[str]:
    """The modules of edge that ``path`` imports, at any depth of its code."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    known = modules()
    return {name for name in names if name in known and name != "edge"}
