"""
``coded:SPEC``: the compositor that SPEC names, and then the frame's index and time painted over.

For ``bench latency``, which starts the service by ``python -m bench.live.serving``.
"""

from __future__ import annotations

from bench.live.codes import Code, paint
from edge import plugins
from edge.compositors import Compositor
from edge.frame import Frame, Matte, Rgb


class Coded:
    """
    Args:
        inner: makes the picture.
    """

    def __init__(self, inner: Compositor) -> None:
        self._inner = inner

    def compose(self, frame: Frame, matte: Matte, background: Rgb) -> Rgb:
        """See ``edge.compositors.Compositor``; the code says when the frame was captured."""
        picture = self._inner.compose(frame, matte, background)
        paint(picture, Code(frame.index, frame.captured_ns))
        return picture


def make(argument: str) -> Coded:
    """``argument``: another compositor, such as ``opencv:``."""
    return Coded(plugins.make("edge.compositors", argument))
