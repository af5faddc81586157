"""How pictures are encoded for viewers, as an operator may set it."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, model_validator

from edge.frame import Composite
from edge.webrtc.codecs import Codec
from edge.webrtc.sharing.ladder import Limits

USUAL_PIXELS = 1280 * 720
LARGER_IS_SMOOTHER = 0.75  # bits grow with the pixels to this power: neighbours differ less
START_KBPS = 1800  # a person at 30 fps without visible blocks, on any LAN


class EncodingSettings(BaseModel):
    """How pictures are encoded for viewers: once for all who see the same."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    codec: Codec = Field(
        default="auto", description="auto (H.264 for whoever takes it, else VP8) | h264 | vp8"
    )
    encoders: list[str] = Field(
        default=[],
        description="The encoders to try, in order: libx264[:PRESET] | libvpx | h264_nvenc | "
        "gstreamer:ELEMENT. By default what this machine has in hardware, then the CPU",
    )
    threads: int = Field(
        default=1,
        ge=0,
        le=64,
        description="How many each encoder on the CPU uses; 0: as many as it likes",
    )
    min_kbps: int = Field(
        default=500,
        ge=50,
        le=100_000,
        description="The lowest bitrate of a 1280x720 picture; a viewer whose network carries less "
        "gets a smaller one. Other sizes in proportion",
    )
    max_kbps: int = Field(
        default=6000, ge=50, le=100_000, description="The highest bitrate of a 1280x720 picture"
    )

    @model_validator(mode="after")
    def _in_order(self) -> EncodingSettings:
        if self.min_kbps > self.max_kbps:
            raise ValueError(f"min_kbps {self.min_kbps} is over max_kbps {self.max_kbps}")
        return self

    def limits(self, composite: Composite | None) -> Limits:
        """The bitrates for pictures of the size of ``composite``."""
        scale = 1.0
        if composite is not None:
            height, width = composite.image.shape[:2]
            scale = (height * width / USUAL_PIXELS) ** LARGER_IS_SMOOTHER
        lowest, start, highest = (
            int(1000 * kbps * scale) for kbps in (self.min_kbps, START_KBPS, self.max_kbps)
        )
        return Limits(lowest, min(max(start, lowest), highest), highest)
