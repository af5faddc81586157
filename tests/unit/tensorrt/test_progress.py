"""How far a build has come, from TensorRT's nested phases."""

from __future__ import annotations

import json

import pytest

from convert.tensorrt.progress import Phases, reporter


def test_nested_phases_add_up_and_never_go_back() -> None:
    told: list[float] = []
    phases = Phases(told.append)
    phases.start("build", None, 2)
    phases.start("import", "build", 4)
    for index in range(4):
        phases.step("import", index)
    phases.finish("import")
    assert told[:4] == [0.125, 0.25, 0.375, 0.5]
    phases.step("build", 0)
    phases.start("tactics", "build", 2)
    phases.start("aside", "build", 1000)  # side by side with the one before
    phases.step("tactics", 0)
    phases.step("aside", 0)
    phases.finish("tactics")
    phases.step("build", 1)
    phases.finish("build")
    assert told == sorted(told)
    assert 0.5 < told[6] <= 0.75
    assert told[-1] == 1.0


def test_phases_that_tell_no_number_of_steps_do_no_harm() -> None:
    told: list[float] = []
    phases = Phases(told.append)
    phases.start("build", None, 0)
    phases.start("inner", "build", 0)
    phases.step("inner", 5)
    phases.step("unknown", 1)
    phases.finish("unknown")
    phases.finish("inner")
    phases.finish("build")
    assert max(told) == 1.0


def test_progress_for_a_program_is_a_line_of_json_each(capsys: pytest.CaptureFixture[str]) -> None:
    report = reporter("json")
    for done in (0.0, 0.001, 0.5, 1.0, 1.0):
        report(done)
    lines = [json.loads(line)["progress"] for line in capsys.readouterr().out.splitlines()]
    assert lines == [0.0, 0.5, 1.0]


def test_no_progress_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    for style in ("none", "bar"):  # a bar is for terminals alone
        reporter(style)(0.5)
    assert capsys.readouterr() == ("", "")
