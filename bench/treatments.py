"""A model's mattes, as it gives them and as the service shows them, against the truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from bench.measures import conn, dtssd, grad, mad, mse, sad
from edge.controls import MatteControls
from edge.frame import Alpha, Frame, Matte
from edge.matting import MattingModel
from edge.refine import Refiner
from edge.refine.guided import linear_upsample

TREATMENTS = ("raw", "refined")  # the model's alpha enlarged linearly; and as the service shows it

Errors: TypeAlias = "dict[str, float]"  # by the measure's name, in its unit


@dataclass(frozen=True, slots=True, eq=False)
class Treated:
    """
    One frame's matte after one treatment.

    Attributes:
        matte: at the frame's size; refined ones may bring their foreground.
        errors: mad, mse, sad, grad and conn, and dtssd if the scene had a frame before; of a frame
            with nobody in it, mean_alpha alone.
    """

    matte: Matte
    errors: Errors


class Treatments:
    """
    One stream of frames, in order, through model and refiner.

    Args:
        controls: of the refinement.
    """

    def __init__(self, model: MattingModel, controls: MatteControls) -> None:
        self._model, self._controls = model, controls
        self._refiner = Refiner()
        self._before: dict[str, tuple[Alpha, Alpha]] = {}

    def start_scene(self) -> None:
        """The next frame has nothing to do with those before."""
        self._model.reset()
        self._refiner.reset()
        self._before.clear()

    def measure(self, frame: Frame, truth: Alpha | None) -> dict[str, Treated]:
        """
        Matte ``frame`` and compare it, treatment by treatment.

        Args:
            truth: (H, W) of the frame's size, or None where nobody is in it.

        Raises:
            ModelError: the model failed.
        """
        matte = self._model.matte(frame)
        mattes = (
            Matte(linear_upsample(matte.alpha, frame.size), matte.foreground),
            self._refiner.refine(frame, matte, self._controls),
        )
        return {
            treatment: Treated(treated, self._errors(treatment, treated.alpha, truth))
            for treatment, treated in zip(TREATMENTS, mattes, strict=True)
        }

    def _errors(self, treatment: str, alpha: Alpha, truth: Alpha | None) -> Errors:
        if truth is None:
            return {"mean_alpha": float(alpha.mean(dtype=np.float64))}
        measures = {"mad": mad, "mse": mse, "sad": sad, "grad": grad, "conn": conn}
        errors = {name: measure(alpha, truth) for name, measure in measures.items()}
        if treatment in self._before:
            alpha_before, truth_before = self._before[treatment]
            errors["dtssd"] = dtssd(alpha, alpha_before, truth, truth_before)
        self._before[treatment] = alpha, truth
        return errors
