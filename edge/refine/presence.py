"""Keeps an empty room empty: a matte is shown only while the model is sure of what it found."""

from __future__ import annotations

import numpy as np

from edge.frame import Alpha

# Mean alpha where it is above one half: the model's own certainty. Of 41 portraits the published
# U2NETP gave 0.895 or more, blurred or at low contrast still 0.845; half of the indoor scenes
# without people stayed below 0.82. Between both values nothing changes. A model that was trained
# with empty rooms gives nothing there to be unsure of: its card asks for less, so that people who
# are far away, and mostly edge, are seen.
ENTER = 0.82
LEAVE = 0.70
LEAST_COVERAGE = 0.004  # of the picture; less is a speck, not a person
PATIENCE_S = 0.6  # a person is given up only after so long in doubt
FADE_S = 0.25


class PresenceGate:
    """Opens at once for a person (fading in), closes slowly. The first frame decides by itself."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget who was there."""
        self._present: bool | None = None
        self._sure_ns = 0  # when the matte was last convincing
        self._seen_ns = 0
        self._opacity = 0.0

    def opacity(
        self, alpha: Alpha, captured_ns: int, wanted: tuple[float, float] | None = None
    ) -> float:
        """
        How much of the matte to show.

        Args:
            alpha: (h, w) float32 in [0, 1], finite.
            captured_ns: the frame's stamp; fades take time, not frames.
            wanted: certainties of a person who comes, and of one who stays, at most as high;
                ENTER and LEAVE if None.

        Returns:
            1 while a person is there, 0 while the room is empty, between them during a fade.
        """
        enter, leave = wanted or (ENTER, LEAVE)
        sure = certainty(alpha) >= (leave if self._present else enter)
        if sure:
            self._sure_ns = captured_ns
        patience_ns = PATIENCE_S * 1e9 if self._present else 0
        present = sure or (self._present is True and captured_ns - self._sure_ns < patience_ns)
        if self._present is None:
            self._opacity = float(present)
        else:
            step = max(0, captured_ns - self._seen_ns) / (FADE_S * 1e9)
            self._opacity = float(np.clip(self._opacity + (step if present else -step), 0, 1))
        self._present, self._seen_ns = present, captured_ns
        return self._opacity


def certainty(alpha: Alpha) -> float:
    """Mean of the alphas above one half, in [0, 1]; 0 where they are no more than a speck."""
    inside = alpha[alpha > 0.5]
    if inside.size < LEAST_COVERAGE * alpha.size:
        return 0.0
    return float(inside.mean())
