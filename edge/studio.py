"""The live state: what is shown, what may be chosen, and changing it as one transaction."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from edge.backgrounds import Background
from edge.catalog.backgrounds import ORIGINAL, BackgroundCatalog
from edge.catalog.models import ModelCatalog
from edge.catalog.sources import SourceCatalog
from edge.controls import MatteControls
from edge.errors import EdgeError, InputError, StorageError
from edge.frame import Composite
from edge.matting._healing import HealingModel
from edge.pipeline import Look, Pipeline
from edge.remember import Choice, Memory
from edge.sources import Source
from edge.sources.browser import Browser
from edge.state import BackgroundChoice, Choices, Mode, ModelState, SourceState, State, StateChange

logger = logging.getLogger(__name__)

GUEST = "browser:"


@dataclass(frozen=True)
class Chosen:
    """
    What is shown, by ids.

    Attributes:
        source: the source's id.
        model: the model's.
        background: the background's.
        mirror: flipped left and right.
        matte: the refinement.
    """

    source: str
    model: str
    background: str
    mirror: bool
    matte: MatteControls


@dataclass(frozen=True)
class Catalogs:
    """What may be chosen."""

    sources: SourceCatalog
    models: ModelCatalog
    backgrounds: BackgroundCatalog
    allow_original: bool


class Studio:
    """
    Owns the pipeline and changes it while it runs.

    Args:
        catalogs: what may be chosen.
        configured: what the settings say.
        memory: what was chosen before; it wins over ``configured`` but for ``explicit``.
        explicit: the names in Chosen that the command line gave.
        publish: gets every composite, in the matting thread.
    """

    def __init__(
        self,
        catalogs: Catalogs,
        configured: Chosen,
        memory: Memory,
        explicit: frozenset[str],
        publish: Callable[[Composite], None],
    ) -> None:
        self._catalogs = catalogs
        self._configured = configured
        self._memory = memory
        self._changing = threading.Lock()
        self._listeners: list[Callable[[], None]] = []
        self._before_guest: str | None = None
        self.remembered = True
        self._chosen, self._model, look, source = self._first(explicit)
        self.pipeline = Pipeline(source, look, publish)

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` after each change, in the thread that changed it."""
        self._listeners.append(listener)

    def state(self) -> State:
        """What is shown and what may be chosen, at this moment. Looks for cameras: it may block."""
        chosen = self._chosen
        return State(
            source=self._source_state(chosen.source),
            model=ModelState(
                id=chosen.model,
                label=self._model.label,
                status="failed" if self._model.error else "ready",
                error=self._model.error,
            ),
            background=self._catalogs.backgrounds.describe(chosen.background),
            mirror=chosen.mirror,
            matte=chosen.matte,
            allow_original=self._catalogs.allow_original,
            remembered=self.remembered,
            choices=Choices(
                sources=self._catalogs.sources.choices(),
                models=self._catalogs.models.choices(),
                backgrounds=self._catalogs.backgrounds.choices(),
                matte=MatteControls.model_json_schema()["properties"],
            ),
        )

    def apply(self, change: StateChange) -> State:
        """
        Change all that ``change`` names, or nothing. Blocks while a model loads.

        Raises:
            InputError: a value is refused. Nothing was changed.
            ModelError: the model cannot be loaded. Nothing was changed.
        """
        with self._changing:
            before, chosen = self._chosen, self._with(change)
            # All that may fail comes before anything changes.
            model, background, source = self._model, self.pipeline.look.background, None
            if chosen.source != before.source:
                source = self._catalogs.sources.make(chosen.source)
            if chosen.model != before.model:
                model = self._catalogs.models.make(chosen.model).load()
            if chosen.background != before.background:
                background = self._catalogs.backgrounds.make(chosen.background)
            self._chosen, self._model = chosen, model
            self.pipeline.show(self._look(chosen, model, background))
            if source is not None:
                self._before_guest = before.source if chosen.source == GUEST else None
                self.pipeline.capture.change(source)
            self._remember(change, chosen)
        self.refresh()
        return self.state()

    def guest_source(self) -> Browser | None:
        """The source in use, if a guest's camera may feed it."""
        source = self.pipeline.capture.source
        return source if isinstance(source, Browser) else None

    def guest_left(self) -> None:
        """The guest is gone: show the source before. Blocks for a moment."""
        before = self._before_guest
        if before is not None and self._chosen.source == GUEST:
            self.apply(StateChange(source=before))

    def backgrounds(self) -> list[BackgroundChoice]:
        """The backgrounds that may be chosen."""
        return self._catalogs.backgrounds.choices()

    def remove_background(self, item: str) -> None:
        """
        Remove an upload from the gallery. If it is in use, the configured background takes over.

        Raises:
            UnknownName, InputError, StorageError: as ``BackgroundCatalog.remove``.
        """
        id = f"gallery:{item}"
        deletable = {choice.id for choice in self.backgrounds() if choice.deletable}
        if id == self._chosen.background and id in deletable:
            self.apply(StateChange(background=self._catalogs.backgrounds.configured_id))
        self._catalogs.backgrounds.remove(item)
        self.refresh()

    def refresh(self) -> None:
        """Tell the listeners that what may be chosen has changed."""
        for listener in self._listeners:
            listener()

    @property
    def model_error(self) -> str | None:
        """Why the model does not matte at the moment, or None."""
        return self._model.error

    def _first(self, explicit: frozenset[str]) -> tuple[Chosen, HealingModel, Look, Source]:
        """What to start with: each remembered choice that still can be had, else the configured."""
        chosen = self._configured
        makers: dict[str, Callable[[str], Any]] = {
            "source": self._catalogs.sources.make,
            "model": self._catalogs.models.make,
            "background": self._catalogs.backgrounds.make,
            "mirror": bool,
            "matte": MatteControls.model_validate,
        }
        made: dict[str, Any] = {}
        for name, make in makers.items():
            configured = getattr(chosen, name)
            recalled = configured
            if name not in explicit:
                recalled = self._memory.recall(name, _plain(configured))
            try:
                made[name] = make(recalled)
            except (EdgeError, ValidationError) as error:
                if recalled == configured:
                    raise
                logger.warning("the remembered %s cannot be had: %s", name, error)
                recalled, made[name] = configured, make(configured)
            if name not in ("mirror", "matte"):
                chosen = replace(chosen, **{name: recalled})
        chosen = replace(chosen, mirror=made["mirror"], matte=made["matte"])
        look = self._look(chosen, made["model"], made["background"])
        return chosen, made["model"], look, made["source"]

    def _with(self, change: StateChange) -> Chosen:
        try:
            matte = self._chosen.matte.changed(change.matte or {})
        except ValidationError as error:
            fault = error.errors(include_url=False)[0]
            name = ".".join(map(str, fault["loc"]))
            raise InputError(f"matte.{name}: {fault['msg']}, found {fault['input']!r}") from error
        given = change.model_dump(exclude_none=True, exclude={"matte"})
        return replace(self._chosen, matte=matte, **given)

    def _look(self, chosen: Chosen, model: HealingModel, background: Background) -> Look:
        keep_original = self._catalogs.allow_original
        return Look(model, background, chosen.matte, chosen.mirror, keep_original)

    def _remember(self, change: StateChange, chosen: Chosen) -> None:
        """Keep what was changed; neither the open room nor a passing guest outlives a restart."""
        choices = {
            name: Choice(
                configured=_plain(getattr(self._configured, name)),
                chosen=_plain(getattr(chosen, name)),
            )
            for name in change.model_fields_set
            if getattr(chosen, name) not in (ORIGINAL, GUEST)
        }
        try:
            self._memory.keep(choices)
            self.remembered = True
        except StorageError as error:
            if self.remembered:
                logger.warning("%s", error)
            self.remembered = False

    def _source_state(self, id: str) -> SourceState:
        status = self.pipeline.capture.status
        waiting = status.phase == "opening" and id == GUEST
        granted = status.granted
        return SourceState.model_validate(
            {
                "id": id,
                "label": status.label,
                "status": "waiting" if waiting else status.phase,
                "note": status.note,
                "error": status.error,
                "granted": granted
                and Mode(
                    width=granted.width,
                    height=granted.height,
                    fps=granted.fps,
                    pixel_format=granted.pixel_format,
                ),
            }
        )


def _plain(value: Any) -> Any:
    """As it stands in the file of choices."""
    return value.model_dump(mode="json") if isinstance(value, MatteControls) else value
