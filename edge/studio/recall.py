"""What was chosen before a restart: bringing it back, and keeping it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from edge.backgrounds import Background
from edge.catalog.backgrounds import ORIGINAL
from edge.controls import MatteControls
from edge.errors import EdgeError
from edge.matting._healing import HealingModel
from edge.remember import Choice, Memory
from edge.sources import Source
from edge.studio.chosen import GUEST, Catalogs, Chosen

logger = logging.getLogger(__name__)

Made = tuple[Source, HealingModel, Background]
PASSING = (ORIGINAL, GUEST)  # neither the open room nor a guest outlives a restart


class Recall:
    """
    Args:
        configured: what the settings say.
        memory: what was chosen before.
    """

    def __init__(self, configured: Chosen, memory: Memory) -> None:
        self._configured = configured
        self._memory = memory

    def first(self, catalogs: Catalogs, explicit: Collection[str]) -> tuple[Chosen, Made]:
        """
        What to start with: each remembered choice that still can be had, else the configured.

        Args:
            explicit: the names in Chosen that the command line gave: they are not recalled.

        Raises:
            EdgeError: what the settings say cannot be had.
        """
        makers: dict[str, Callable[[Any], Any]] = {
            "source": catalogs.sources.make,
            "model": catalogs.models.make,
            "background": catalogs.backgrounds.make,
            "mirror": bool,
            "matte": MatteControls.model_validate,
        }
        chosen, made = self._configured, {}
        for name, make in makers.items():
            value, made[name] = self._one(name, make, name not in explicit)
            chosen = replace(chosen, **{name: value})
        chosen = replace(chosen, mirror=made["mirror"], matte=made["matte"])
        return chosen, (made["source"], made["model"], made["background"])

    def keep(self, names: Collection[str], chosen: Chosen) -> None:
        """
        Remember the fields ``names`` of ``chosen``.

        Raises:
            StorageError: they are lost at the next start.
        """
        choices = {
            name: Choice(
                configured=_plain(getattr(self._configured, name)),
                chosen=_plain(getattr(chosen, name)),
            )
            for name in names
            if getattr(chosen, name) not in PASSING
        }
        self._memory.keep(choices)

    def _one(self, name: str, make: Callable[[Any], Any], recall: bool) -> tuple[Any, Any]:
        """One field's value, and what it makes."""
        configured = getattr(self._configured, name)
        recalled = self._memory.recall(name, _plain(configured)) if recall else configured
        try:
            return recalled, make(recalled)
        except (EdgeError, ValidationError) as error:
            if recalled == configured:
                raise
            logger.warning("the remembered %s cannot be had: %s", name, error)
            return configured, make(configured)


def _plain(value: Any) -> Any:
    """As it stands in the file of choices."""
    return value.model_dump(mode="json") if isinstance(value, MatteControls) else value
