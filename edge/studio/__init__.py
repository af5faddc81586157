"""The live state: what is shown, what may be chosen, and changing it as one transaction."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from dataclasses import replace

from pydantic import ValidationError

from edge.backgrounds import Background
from edge.compositors import Compositor
from edge.controls import MatteControls
from edge.errors import InputError, StorageError
from edge.frame import Composite
from edge.look import Look
from edge.matting._healing import HealingModel
from edge.pipeline import Pipeline
from edge.sources.browser import Browser
from edge.state import BackgroundChoice, Choices, Mode, ModelState, SourceState, State, StateChange
from edge.studio.chosen import GUEST, Catalogs, Chosen
from edge.studio.recall import Recall

logger = logging.getLogger(__name__)


class Studio:
    """
    Owns the pipeline and changes it while it runs.

    Args:
        catalogs: what may be chosen.
        recall: what the settings say, and what was chosen before.
        explicit: the names in Chosen that the command line gave.
        publish: gets every composite, in the matting thread.
        compositor: puts people before the background; on the CPU if None.
    """

    def __init__(
        self,
        catalogs: Catalogs,
        recall: Recall,
        explicit: Collection[str],
        publish: Callable[[Composite], None],
        compositor: Compositor | None = None,
    ) -> None:
        self._catalogs = catalogs
        self._recall = recall
        self._changing = threading.Lock()
        self._listeners: list[Callable[[], None]] = []
        self._before_guest: str | None = None
        self.remembered = True
        self._chosen, (source, self._model, background) = recall.first(catalogs, explicit)
        look = self._look(self._chosen, self._model, background)
        self.pipeline = Pipeline(source, look, publish, compositor)

    def on_change(self, listener: Callable[[], None]) -> None:
        """Call ``listener`` after each change, in the thread that changed it."""
        self._listeners.append(listener)

    def state(self) -> State:
        """What is shown and what may be chosen, at this moment. Looks for cameras: it may block."""
        chosen, catalogs = self._chosen, self._catalogs
        backgrounds = catalogs.backgrounds.choices()
        return State(
            source=self._source_state(chosen.source),
            model=ModelState(
                id=chosen.model,
                label=self._model.label,
                status="failed" if self._model.error else "ready",
                error=self._model.error,
                note=self._model.note,
            ),
            background=catalogs.backgrounds.describe(chosen.background, backgrounds),
            mirror=chosen.mirror,
            matte=chosen.matte,
            allow_original=catalogs.allow_original,
            remembered=self.remembered,
            choices=Choices(
                sources=catalogs.sources.choices(),
                models=catalogs.models.choices(),
                backgrounds=backgrounds,
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
            self._keep(change, chosen)
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
    def catalogs(self) -> Catalogs:
        """What may be chosen."""
        return self._catalogs

    @property
    def allow_original(self) -> bool:
        """Whether the room itself may be shown."""
        return self._catalogs.allow_original

    @property
    def model_status(self) -> tuple[str | None, str]:
        """Why the model does not matte at the moment, or None; and its note."""
        return self._model.error, self._model.note

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

    def _keep(self, change: StateChange, chosen: Chosen) -> None:
        try:
            self._recall.keep(change.model_fields_set, chosen)
            self.remembered = True
        except StorageError as error:
            if self.remembered:
                logger.warning("%s", error)
            self.remembered = False

    def _source_state(self, id: str) -> SourceState:
        status = self.pipeline.capture.status
        return SourceState(
            id=id,
            label=status.label,
            status="waiting" if status.phase == "opening" and id == GUEST else status.phase,
            note=status.note,
            error=status.error,
            granted=Mode.model_validate(status.granted) if status.granted else None,
        )
