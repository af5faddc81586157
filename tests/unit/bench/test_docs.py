"""The commands that docs/bench.md shows are taken by the program, and it shows them all."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from bench.__main__ import _parser

TEXT = (Path(__file__).resolve().parents[3] / "docs" / "bench.md").read_text()
CONSOLE = "\n".join(re.findall(r"```console\n(.*?)```", TEXT, re.DOTALL)).replace("\\\n", " ")
LINES = re.findall(r"python -m bench ([^>;\n]*)", CONSOLE)
COMMANDS = [line.replace("$c", "throughput").strip() for line in LINES]
TABLE = re.findall(r"^\| `(\w+)", TEXT, re.MULTILINE)


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - {"--help"}))
def test_a_command_is_taken(command: str) -> None:
    assert _parser().parse_args(shlex.split(command)).command in TABLE


def test_every_command_is_in_the_table() -> None:
    (actions,) = (a.choices for a in _parser()._actions if a.dest == "command")
    assert set(TABLE) == set(actions or ())
