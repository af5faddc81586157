"""
What is foreground. Each module here is one kind and has ``make(argument: str) -> MattingModel``.

A kind may need its own runtime; none is imported before its kind is asked for.
"""

from __future__ import annotations

from typing import Protocol

from edge.frame import Frame, Matte


class MattingModel(Protocol):
    """Runs in the matting thread, one frame at a time, in order."""

    def matte(self, frame: Frame) -> Matte:
        """
        Estimate the alpha matte of ``frame``, at the model's own resolution.

        Raises:
            ModelError: the runtime failed.
        """
        ...

    def reset(self) -> None:
        """Forget earlier frames: the next one starts a new scene. Stateless models do nothing."""
        ...
