"""What a viewer may adjust about the matte, live. The page draws its sliders from this value."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class MatteControls(BaseModel):
    """
    The defaults are those that ``python -m bench quality`` found best for the default model.

    Each field's ``json_schema_extra`` says how a page shows it: ``label`` and ``step``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    upsampling: Literal["guided", "linear"] = Field(
        "guided",
        description="How the small matte grows to the frame: along the picture's edges, or plainly",
        json_schema_extra={"label": "Edges"},
    )
    threshold: float = Field(
        0.5,
        ge=0.05,
        le=0.95,
        description="The alpha that becomes one half",
        json_schema_extra={"label": "Threshold", "step": 0.01},
    )
    softness: float = Field(
        0.8,
        ge=0.02,
        le=1.0,
        description="Width of the ramp around the threshold; 1 leaves the model's own alpha",
        json_schema_extra={"label": "Softness", "step": 0.01},
    )
    edge_shift_px: float = Field(
        0.0,
        ge=-10,
        le=10,
        description="Moves the edge outwards (+) or inwards (-), in pixels of a 720-line picture",
        json_schema_extra={"label": "Edge shift", "step": 0.5},
    )
    temporal: float = Field(
        0.8,
        ge=0,
        le=0.95,
        description="Steadies still edges between frames, following motion; 0 is off",
        json_schema_extra={"label": "Steadiness", "step": 0.05},
    )
    presence: bool = Field(
        True,
        description="Keeps an empty room empty: nothing is shown while nobody is there",
        json_schema_extra={"label": "Presence gate"},
    )
    follow_motion: bool = Field(
        False,
        description="For a model slower than the camera: between its mattes, the last one moves "
        "along with the picture",
        json_schema_extra={"label": "Follow motion"},
    )
    foreground_estimation: bool = Field(
        True,
        description="Takes the room's colour out of hair and edges",
        json_schema_extra={"label": "Clean edges"},
    )

    def changed(self, changes: dict[str, Any]) -> MatteControls:
        """
        These controls with ``changes`` applied, validated.

        Raises:
            pydantic.ValidationError: a name or value that is not allowed.
        """
        return MatteControls.model_validate({**self.model_dump(), **changes}, strict=True)
