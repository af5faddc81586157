"""Files of other versions: step by step to this one, or refused."""

from __future__ import annotations

from typing import Any

import pytest

from edge.migrations import SETTINGS, STATE, NewerVersion, known_version, migrated
from edge.remember import Remembered
from edge.settings import Settings

STEPS = (lambda old: {**old, "b": old["a"] + 1}, lambda old: {**old, "c": old["b"] * 10})


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        ({"a": 1}, {"a": 1, "b": 2, "c": 20, "version": 3}),
        ({"a": 1, "version": 1}, {"a": 1, "b": 2, "c": 20, "version": 3}),
        ({"b": 5, "version": 2}, {"b": 5, "c": 50, "version": 3}),
        ({"c": 7, "version": 3}, {"c": 7, "version": 3}),
    ],
)
def test_each_step_from_its_version_on_is_taken(
    content: dict[str, Any], wanted: dict[str, Any]
) -> None:
    before = dict(content)
    assert migrated(content, STEPS) == wanted
    assert content == before


def test_a_newer_version_is_refused_and_says_who_wrote_it() -> None:
    with pytest.raises(NewerVersion, match=r"version 4, written by Edge Matting 2\.0.*knows 3"):
        migrated({"version": 4, "written_by": "2.0"}, STEPS)


@pytest.mark.parametrize("version", [0, -1, "1", 1.0, True, None, [1]])
def test_what_is_no_version_is_refused(version: Any) -> None:
    with pytest.raises(ValueError, match="wanted a whole number"):
        migrated({"version": version}, STEPS)


def test_every_version_of_the_state_ends_as_what_is_read_now() -> None:
    for version in range(1, known_version(STATE)):
        assert Remembered.model_validate(migrated({"version": version, "choices": {}}, STATE))


def test_the_settings_that_steps_make_are_settings() -> None:
    made = migrated({"codec": "h264"}, SETTINGS)
    assert set(made) - {"version"} <= set(Settings.model_fields)
