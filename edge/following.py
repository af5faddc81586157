"""
What the compositing thread works on: each frame with its own matte; or, where that is wanted, each
frame at the camera's rate with the newest matte of a slower model, moved to it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from edge.frame import Frame
from edge.inference import Matted, Scene, prepared
from edge.latest import Latest
from edge.look import Look
from edge.refine import shrunk
from edge.refine.carry import Carrier

RECENT_S = 0.8  # an older matte is not moved any more: motion adds up, and people turn


class Following:
    """
    For one thread.

    Args:
        frames: gives each frame, while the look follows motion.
        matted: gives each frame that the model is done with.
        scene: what a frame captured now belongs to, under a look.

    Attributes:
        dropped: frames that had no matte to show them with.
    """

    def __init__(
        self, frames: Latest[Frame], matted: Latest[Matted], scene: Callable[[Look], Scene]
    ) -> None:
        self._frames, self._matted, self._scene = frames, matted, scene
        self._carrier = Carrier()
        self.dropped = 0
        self._newest: Matted | None = None
        self._shape: tuple[int, ...] = ()
        self._shown = -1  # the index of the last frame that was given

    def next(self, look: Look, timeout_s: float) -> Matted | None:
        """
        What is to be shown next. It may belong to a scene that was left meanwhile.

        Returns:
            None if nothing came within ``timeout_s``; or, following, if there is no matte of the
            same scene, none from the last RECENT_S, or none that fits the picture any more: then
            only the frames that the model itself has seen are shown.

        Raises:
            Closed: there will be nothing any more.
        """
        if not look.controls.follow_motion:
            self._newest = None
            return self._matted.get(timeout_s)
        frame = self._frames.get(timeout_s)
        scene, matted = self._scene(look), self._matted.get(0)
        if matted is not None and matted.scene.continues(scene):
            self._keep(matted)
            if isinstance(matted.outcome, Exception):
                return matted
        followed = self._followed(frame, scene) if frame else None
        if followed is None and matted is not None and matted.frame.index > self._shown:
            followed = matted
        if followed is not None:
            self._shown = followed.frame.index
        elif frame is not None:
            self.dropped += 1
        return followed

    def _keep(self, matted: Matted) -> None:
        self._carrier.forget()
        self._newest = matted
        if not isinstance(matted.outcome, Exception):
            self._shape = matted.outcome.alpha.shape
            picture = shrunk(matted.frame.image, self._shape)
            self._carrier.keep(matted.outcome.alpha, picture)

    def _followed(self, frame: Frame, scene: Scene) -> Matted | None:
        newest = self._newest
        if newest is None or not newest.scene.continues(scene):
            return None
        age_ns = frame.captured_ns - newest.frame.captured_ns
        if frame.index < scene.take.first_index or age_ns > RECENT_S * 1e9:
            return None
        frame = frame.with_image(prepared(frame.image, scene.mirror))
        alpha = self._carrier.carried(shrunk(frame.image, self._shape))
        if alpha is None or isinstance(newest.outcome, Exception):
            return None
        return Matted(frame, scene, replace(newest.outcome, alpha=alpha, foreground=None))
