"""A model that is served by another kind until its engine is built, tried and found good."""

from __future__ import annotations

import logging
import threading
import weakref
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.errors import EdgeError
from edge.frame import Frame, Matte
from edge.matting import MattingModel
from edge.tensorrt import record
from edge.tensorrt.build import Build
from edge.tensorrt.trial import Trial

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """
    How an engine is had.

    Attributes:
        engine: the file that is wanted.
        precision: of the engine.
        arguments: for ``python -m convert tensorrt``, which make it.
        load: loads the engine. Raises ModelError.
    """

    engine: Path
    precision: str
    arguments: Sequence[str]
    load: Callable[[], MattingModel]


class Awaited:
    """
    A MattingModel. Frames never wait for the build, which ends when this is no longer referred to.

    Args:
        standby: serves until then, and for good if the engine cannot be had.
        plan: how the engine is had.

    Attributes:
        error: why there is no engine, or None while all goes well. It is not tried again here.
    """

    def __init__(self, standby: MattingModel, plan: Plan) -> None:
        self.error: str | None = None
        self._serving = standby
        self._candidate: MattingModel | None = None  # set by the build's thread
        self._plan = plan
        self._trial = Trial(plan.precision)
        self._build: Build | None = None
        reason = record.failure(plan.engine)
        if reason is not None:
            self._tell(reason)
        elif plan.engine.exists():  # built, but the service ended before it was tried
            threading.Thread(target=self._built, args=(None,), name="engine", daemon=True).start()
        else:
            self._start()

    @property
    def note(self) -> str:
        """What an operator should know: that the engine is being built, or why there is none."""
        if self.error is not None:
            return self.error
        progress = self.progress
        return "" if progress is None else f"building the TensorRT engine: {progress:.0%}"

    @property
    def progress(self) -> float | None:
        """Of the build, in [0, 1]; None when nothing is built."""
        return self._build.progress if self._build else None

    def matte(self, frame: Frame) -> Matte:
        """As the engine does once it is in service, else as the standby does."""
        matte = self._serving.matte(frame)
        if self._candidate is not None:
            self._try(self._candidate, frame, matte)
        return matte

    def reset(self) -> None:
        """Forget earlier frames."""
        self._serving.reset()

    def _start(self) -> None:
        owner = weakref.ref(self)

        def done(reason: str | None) -> None:
            model = owner()
            if model is not None:
                model._built(reason)

        try:
            self._build = Build(self._plan.arguments, done)
        except OSError as error:
            self._refuse(f"the build cannot be started: {error}")

    def _built(self, reason: str | None) -> None:
        """In the build's thread, so that frames go on."""
        candidate = None
        if reason is None:
            try:
                candidate = self._plan.load()
            except EdgeError as error:
                reason = str(error)
        self._build = None
        if reason is not None:
            self._refuse(reason)
        self._candidate = candidate

    def _try(self, candidate: MattingModel, frame: Frame, wanted: Matte) -> None:
        """Matte the frame a second time, by the candidate, and judge it."""
        try:
            self._trial.compare(candidate.matte(frame).alpha, wanted.alpha)
        except EdgeError as error:
            self._candidate = None
            self._refuse(str(error))
            return
        if self._trial.passed is None:
            return
        self._candidate = None
        if self._trial.passed:
            self._serving = candidate
            record.accept(self._plan.engine)
            logger.info("%s is in service", self._plan.engine.name)
        else:
            self._refuse(self._trial.reason)

    def _refuse(self, reason: str) -> None:
        record.refuse(self._plan.engine, reason)
        self._tell(reason)

    def _tell(self, reason: str) -> None:
        command = " ".join(["python -m convert tensorrt", *self._plan.arguments])
        self.error = f"served without TensorRT: {reason}. To try again: {command}, then restart"
        logger.error("%s", self.error)
