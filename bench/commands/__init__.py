"""The command line's words: each module adds some commands, and imports their work when asked."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic import ValidationError

from edge.controls import MatteControls
from edge.errors import InputError

if TYPE_CHECKING:
    Commands: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]
Report: TypeAlias = "dict[str, Any]"


def controls(pairs: Sequence[str]) -> MatteControls:
    """Of NAME=VALUE words. Raises InputError."""
    changes = dict(pair.partition("=")[::2] for pair in pairs)
    try:
        return MatteControls.model_validate(changes)  # words of a command line, not JSON's types
    except ValidationError as error:
        faults = "; ".join(f"{fault['loc'][0]}: {fault['msg']}" for fault in error.errors())
        raise InputError(f"--controls: {faults}") from error


def numbers(text: str) -> list[int]:
    """Of "1,5,10"; none of "". Raises InputError."""
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not all(word.isdecimal() for word in words):
        raise InputError(f"{text!r}: wanted whole numbers with commas between, as in 1,5,10")
    return [int(word) for word in words]


def size(text: str) -> tuple[int, int]:
    """(width, height) of "1280x720", made even. Raises InputError."""
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal() and int(width) >= 16 and int(height) >= 16):
        raise InputError(f"--size {text}: wanted WIDTHxHEIGHT, as in 1280x720")
    return int(width) // 2 * 2, int(height) // 2 * 2


def add_json(command: argparse.ArgumentParser) -> None:
    """``--json``, which every command has."""
    command.add_argument("--json", action="store_true", help="print JSON instead of a table")
