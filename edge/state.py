"""What the HTTP contract says of a running service, as validated values."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from edge.controls import MatteControls


class Value(BaseModel):
    """A frozen value of the contract."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Mode(Value):
    """A size, rate and format that a camera offers, or what a source really gives."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)

    width: int
    height: int
    fps: float | None = None
    pixel_format: str | None = None


class SourceState(Value):
    """The source in use. ``waiting``: for a guest's camera; ``lost``: it is being re-opened."""

    id: str
    label: str
    status: Literal["opening", "live", "waiting", "lost"]
    note: str = Field(description="What viewers should know of this source, or empty")
    error: str | None
    granted: Mode | None


class ModelState(Value):
    """The matting model in use."""

    id: str
    label: str
    status: Literal["ready", "failed"]
    error: str | None
    note: str = Field(description="How it runs, and what keeps it from running better, or empty")


class BackgroundState(Value):
    """The background in use."""

    id: str
    label: str


class SourceChoice(Value):
    """A source that may be chosen."""

    id: str
    label: str
    kind: str
    modes: list[Mode]


class ModelChoice(Value):
    """A model that may be chosen, once it is installed."""

    id: str
    label: str
    installed: bool
    card: dict[str, Any]


class BackgroundChoice(Value):
    """A background that may be chosen."""

    id: str
    label: str
    kind: Literal["color", "image", "video", "blur", "none", "original"]
    thumbnail: str | None
    deletable: bool


class Choices(Value):
    """All that may be chosen. ``matte`` is the JSON schema of each control."""

    sources: list[SourceChoice]
    models: list[ModelChoice]
    backgrounds: list[BackgroundChoice]
    matte: dict[str, dict[str, Any]]


class State(Value):
    """``GET /api/state``."""

    source: SourceState
    model: ModelState
    background: BackgroundState
    mirror: bool
    matte: MatteControls
    allow_original: bool
    remembered: bool = Field(description="False: the state folder is read-only, choices are lost")
    choices: Choices


class StateChange(Value):
    """``PATCH /api/state``: what is given changes, all of it or nothing."""

    source: str | None = Field(None, max_length=300)
    model: str | None = Field(None, max_length=300)
    background: str | None = Field(None, max_length=300)
    mirror: bool | None = Field(None, strict=True)
    matte: dict[str, Any] | None = Field(None, description="Any of the matte's controls")


class Foreground(Value):
    """Who is in the picture: alpha above one half."""

    coverage: float = Field(ge=0, le=1)
    count: int = Field(ge=0)
    boxes: list[tuple[int, int, int, int]] = Field(description="x, y, width, height in pixels")


class Spread(Value):
    """Median and 95th percentile, milliseconds."""

    p50: float | None
    p95: float | None


class Latency(Spread):
    """From a frame's arrival in the process to its finished composite, milliseconds."""

    p99: float | None


class RenditionState(Value):
    """What one encoder makes, for all viewers who see the same."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)

    codec: str
    view: str
    encoder: str = Field(description="The one in use, or empty before its first picture")
    width: int
    height: int
    bitrate_bps: int = Field(description="What the encoder aims at")
    sent_bps: int = Field(description="What it lately gave")
    viewers: int
    pictures: int
    keyframes: int


class EncoderState(Value):
    """One encoder in the order they are tried in."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)

    name: str
    codec: str
    fault: str | None = Field(description="Why it is not used, or null")


class PublisherState(Value):
    """One publisher. ``waiting``: it broke off, and is begun again in a while."""

    model_config = ConfigDict(frozen=True, extra="forbid", from_attributes=True)

    name: str = Field(description="Its kind and server or device")
    status: Literal["connecting", "live", "waiting"]
    error: str | None = Field(description="Why it is not live, or null")
    sent: int = Field(description="Pictures taken by the other side")


class RecorderState(Value):
    """Whether the picture is being recorded."""

    recording: str | None = Field(description="The id of the file that grows, or null")
    running_s: float | None = Field(description="For how long, over all of its files, or null")
    error: str | None = Field(description="Why the last recording broke off, or null")


class StatsState(Value):
    """``GET /api/stats``."""

    fps: float
    captured: int
    dropped: int
    composited: int
    slates: int
    slate: str | None = Field(description="What stands in place of the picture, and why; or null")
    latency_ms: Latency
    stages_ms: dict[str, Spread]
    viewers: int
    encoders: list[EncoderState] = Field([], description="In the order they are tried in")
    renditions: list[RenditionState] = Field([], description="What is encoded now")
    publishers: list[PublisherState] = Field([], description="Where the picture is published to")
    recorder: RecorderState | None = Field(None, description="Whether it is recorded")
    foreground: Foreground
    rss_mb: float
    uptime_s: float


class Health(Value):
    """``GET /healthz``."""

    status: Literal["ok", "degraded", "failed"]
    reason: str | None = None
