"""A model that is loaded anew after it failed, so that one fault of a runtime does not end the service."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from edge.errors import ModelError
from edge.frame import Frame, Matte
from edge.matting import MattingModel

logger = logging.getLogger(__name__)

RELOAD_S = 2.0  # between two attempts to load a model that failed


class HealingModel:
    """
    A MattingModel that remakes itself.

    Args:
        make: loads the model; called at once, and again after a failure.

    Raises:
        ModelError: the first load failed.

    Attributes:
        error: why it does not matte at the moment, or None.
    """

    def __init__(self, make: Callable[[], MattingModel]) -> None:
        self._make = make
        self._model = make()
        self._retry_at = 0.0
        self.error: str | None = None

    def matte(self, frame: Frame) -> Matte:
        """
        As the model does.

        Raises:
            ModelError: it failed now, or failed before and could not be loaded anew yet.
        """
        try:
            if self.error is not None:
                self._reload(self.error)
            return self._model.matte(frame)
        except Exception as error:
            if self.error is None:
                self.error = str(error) or repr(error)
                self._retry_at = time.monotonic() + RELOAD_S
            if isinstance(error, ModelError):
                raise
            raise ModelError(f"the matting model failed: {error!r}") from error

    def reset(self) -> None:
        """Forget earlier frames."""
        self._model.reset()

    def _reload(self, reason: str) -> None:
        if time.monotonic() < self._retry_at:
            raise ModelError(reason)
        self._retry_at = time.monotonic() + RELOAD_S
        self._model = self._make()
        self.error = None
        logger.info("the matting model is loaded anew")
