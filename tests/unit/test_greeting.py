"""The link that is printed at the start."""

from __future__ import annotations

import io
import sys

import pytest

from edge.__main__ import _say


class Unbuffered(io.StringIO):
    """As standard output is in a container, where the log goes into the same pipe."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[str] = []

    def write(self, text: str) -> int:
        self.writes.append(text)
        return super().write(text)


def test_a_line_is_one_write_so_that_no_line_of_the_log_comes_between(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    output = Unbuffered()
    monkeypatch.setattr(sys, "stdout", output)
    _say("Open http://127.0.0.1:8080/")
    assert output.writes == ["Open http://127.0.0.1:8080/\n"]
