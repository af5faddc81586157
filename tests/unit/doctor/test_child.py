"""Children that answer, fail, crash and hang."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.doctor.checks import child
from edge.doctor.checks.child import Answer, ask


@pytest.fixture
def probe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Answer]:
    """Asks a child whose probes module is the given code."""

    def run(code: str, timeout_s: float = 30) -> Answer:
        package = tmp_path / "edge" / "doctor" / "checks"
        package.mkdir(parents=True)
        for folder in (package.parent.parent, package.parent, package):
            (folder / "__init__.py").touch()
        (package / "probes.py").write_text(textwrap.dedent(code))
        monkeypatch.setattr(child, "CHECKOUT", tmp_path)
        return ask("any", timeout_s=timeout_s)

    return run


def test_an_answer_is_the_last_line_whatever_else_is_written(
    probe: Callable[..., Answer],
) -> None:
    assert probe("""print('noise\\n{"a": 1}')""") == Answer({"a": 1})


def test_a_child_that_crashes_is_told_by_its_signal(probe: Callable[..., Answer]) -> None:
    answer = probe("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert answer == Answer(error="crashed (SIGSEGV)")


def test_a_child_that_hangs_is_ended(probe: Callable[..., Answer]) -> None:
    assert probe("import time; time.sleep(60)", 1) == Answer(error="no answer within 1 s")


def test_a_child_that_fails_is_told_by_its_last_words(probe: Callable[..., Answer]) -> None:
    assert probe("import nowhere").error == "ModuleNotFoundError: No module named 'nowhere'"


def test_what_a_probe_raises_comes_back_in_one_line() -> None:
    answer = ask("encoder", "no such\nencoder")
    assert answer.value is None
    assert "no such kind" in answer.error
    assert "\n" not in answer.error
