"""What was chosen while running, kept over a restart in one small file."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from edge.errors import StorageError
from edge.files import write_atomically

logger = logging.getLogger(__name__)

VERSION = 1


class Choice(BaseModel):
    """One value that was chosen, and what the settings said at that time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    configured: Any
    chosen: Any


class Remembered(BaseModel):
    """The content of the file."""

    model_config = ConfigDict(extra="forbid")

    version: int = VERSION
    choices: dict[str, Choice] = {}


class Memory:
    """
    Remembers choices by name in ``folder/state.json``.

    A choice holds until the setting that it overrode is itself changed: whoever edits the settings
    file later means it.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "state.json"
        self._kept = self._read()

    def recall(self, name: str, configured: Any) -> Any:
        """What was chosen for ``name``, or ``configured`` if nothing was or the setting changed."""
        choice = self._kept.choices.get(name)
        return choice.chosen if choice and choice.configured == configured else configured

    def keep(self, choices: dict[str, Choice]) -> None:
        """
        Remember ``choices`` beside those already kept. The file is replaced as a whole.

        Raises:
            StorageError: the folder cannot be written; the choices hold until the restart.
        """
        self._kept = Remembered(choices={**self._kept.choices, **choices})
        try:
            write_atomically(self._file, self._kept.model_dump_json(indent=1).encode())
        except OSError as error:
            raise StorageError(
                f"{self._file.parent} cannot be written ({error.strerror}); choices are lost at "
                "the next start. Free some space, or name another folder with --state-dir"
            ) from error

    def _read(self) -> Remembered:
        try:
            return Remembered.model_validate(json.loads(self._file.read_text()))
        except FileNotFoundError:
            return Remembered()
        except (OSError, ValueError, ValidationError) as error:
            aside = self._file.with_suffix(".broken.json")
            logger.warning("%s cannot be read (%s); starting without it", self._file, error)
            try:
                self._file.replace(
                    aside
                )  # kept for whoever wants to look, never overwritten blindly
            except OSError:
                logger.warning("and it cannot be put aside as %s", aside)
            return Remembered()
