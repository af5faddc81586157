"""Programs that do what they are told line by line, and what becomes of those that die."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bench.live.program import Program
from edge.errors import InputError

SOURCE = """
import asyncio, os, sys
from bench.live.program import obey
from edge.errors import ModelError

async def add(a, b):
    return {"sum": a + b}

async def fail():
    raise ModelError("it is broken")

async def die():
    sys.stderr.write("last words\\n")
    sys.stderr.flush()
    os._exit(3)

async def variable(name):
    return {"value": os.environ.get(name)}

asyncio.run(obey({"add": add, "fail": fail, "die": die, "variable": variable}))
"""


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[4]))
    path = tmp_path / "program.py"
    path.write_text(SOURCE)
    return [sys.executable, str(path)]


def test_it_answers_and_goes_on_after_an_error(command: list[str]) -> None:
    with Program(command) as program:
        assert program.ask("add", a=2, b=3) == {"sum": 5}
        with pytest.raises(InputError, match="it is broken"):
            program.ask("fail")
        assert program.ask("add", a=1, b=1) == {"sum": 2}


def test_its_death_is_told_with_its_last_words(command: list[str]) -> None:
    with (
        Program(command) as program,
        pytest.raises(InputError, match=r"ended at 'die': last words"),
    ):
        program.ask("die")


def test_it_gets_the_variables_it_is_given(command: list[str]) -> None:
    with Program(command, variables={"BENCH_TEST": "yes"}) as program:
        assert program.ask("variable", name="BENCH_TEST") == {"value": "yes"}
