"""A model that loads beside the running service, and anew after it failed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from edge.errors import ModelError, ModelLoading
from edge.frame import Frame, Matte
from edge.matting import MattingModel

logger = logging.getLogger(__name__)

RELOAD_S = 2.0  # between two attempts to load a model that failed


class HealingModel:
    """
    A MattingModel that is loaded in a thread of its own, so that viewers have a slate meanwhile.

    Args:
        label: for people.
        make: loads the model. Raises ModelError.

    Attributes:
        error: why it does not matte at the moment, or None.
    """

    def __init__(self, label: str, make: Callable[[], MattingModel]) -> None:
        self.label = label
        self.error: str | None = None
        self._make = make
        self._model: MattingModel | None = None
        self._loading: threading.Thread | None = None
        self._retry_at = 0.0

    @property
    def note(self) -> str:
        """What an operator should know of how the model runs, or empty."""
        return str(getattr(self._model, "note", ""))

    def load(self) -> HealingModel:
        """
        Load it now, in the calling thread.

        Raises:
            ModelError: it cannot be loaded.
        """
        self._model = self._make()
        self.label = getattr(self._model, "label", self.label)  # auto: knows it only now
        self.error = None
        return self

    def matte(self, frame: Frame) -> Matte:
        """
        As the model does.

        Raises:
            ModelLoading: it is not there yet.
            ModelError: it failed, or cannot be loaded; another attempt is on its way.
        """
        model = self._model
        if model is None:
            self._load_beside()
            if self.error is None:
                raise ModelLoading(f"loading {self.label}")
            raise ModelError(self.error)
        try:
            return model.matte(frame)
        except Exception as error:
            self._model, self.error = None, str(error) or repr(error)
            self._retry_at = time.monotonic() + RELOAD_S
            if isinstance(error, ModelError):
                raise
            raise ModelError(f"{self.label} failed: {error!r}") from error

    def reset(self) -> None:
        """Forget earlier frames."""
        if self._model is not None:
            self._model.reset()

    def _load_beside(self) -> None:
        busy = self._loading is not None and self._loading.is_alive()
        if not busy and time.monotonic() >= self._retry_at:
            self._loading = threading.Thread(target=self._try_to_load, name="model", daemon=True)
            self._loading.start()

    def _try_to_load(self) -> None:
        try:
            self.load()
            logger.info("%s is loaded", self.label)
        except Exception as error:  # noqa: BLE001 - matte() raises it where it is logged
            self.error = str(error) or repr(error)
            self._retry_at = time.monotonic() + RELOAD_S
