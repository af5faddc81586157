"""What was chosen while running, kept over a restart and an upgrade in one small file."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from edge import __version__
from edge.errors import StorageError
from edge.files import put_aside, sweep, write_atomically
from edge.migrations import STATE, NewerVersion, known_version, migrated

logger = logging.getLogger(__name__)

VERSION = known_version(STATE)


class Choice(BaseModel):
    """One value that was chosen, and what the settings said at that time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    configured: Any
    chosen: Any


class Remembered(BaseModel):
    """The content of the file. Who changes it adds a step to ``edge.migrations.STATE``."""

    model_config = ConfigDict(extra="forbid")

    version: int = VERSION
    written_by: str = __version__
    choices: dict[str, Choice] = {}


class Memory:
    """
    Remembers choices by name in ``folder/state.json``.

    A choice holds until the setting that it overrode is itself changed: whoever edits the settings
    file later means it.

    A file of an older version is brought to this one when the first choice is kept, and a copy of
    it stays as ``state.v1.json``. One of a newer version, or a broken one, is put aside, and the
    start goes on without.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "state.json"
        self._before: tuple[int, bytes] | None = None  # of an older version, to be copied
        sweep(folder)
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
            self._back_up()
            write_atomically(self._file, self._kept.model_dump_json(indent=1).encode())
        except OSError as error:
            raise StorageError(
                f"{self._file.parent} cannot be written ({error.strerror}); choices are lost at "
                "the next start. Free some space, or name another folder with --state-dir"
            ) from error

    def _back_up(self) -> None:
        if self._before is None:
            return
        version, content = self._before
        write_atomically(self._file.with_suffix(f".v{version}.json"), content)
        self._before = None

    def _read(self) -> Remembered:
        try:
            raw = self._file.read_bytes()
            found = json.loads(raw)
            if not isinstance(found, dict):
                raise ValueError(f"found {type(found).__name__}, wanted an object")
            kept = Remembered.model_validate(migrated(found, STATE))
        except FileNotFoundError:
            return Remembered()
        except NewerVersion as error:
            self._start_without(error, f"v{error.found}")
            return Remembered()
        except (OSError, ValueError, ValidationError) as error:
            self._start_without(error, "broken")
            return Remembered()
        version = found.get("version", 1)
        if version < VERSION:
            self._before = (version, raw)
        return kept

    def _start_without(self, error: Exception, why: str) -> None:
        """Nothing is lost: it is kept for whoever wants to look, or updates the service again."""
        reason = str(error).replace("\n", "; ")
        try:
            aside = f"it is {put_aside(self._file, why).name} now"
        except OSError as kept_from:
            aside = f"and it cannot be put aside: {kept_from.strerror}"
        logger.warning("%s: %s; %s. Starting without what was chosen", self._file, reason, aside)
