"""What the HTTP contract says of snapshots and recordings, and how much room they may take."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from edge.state import Value


class SnapshotState(Value):
    """One snapshot."""

    id: str
    parts: list[str] = Field(description='"composite", and what else was asked for')
    bytes: int
    made: float = Field(description="Seconds since 1970, by this machine's clock")


class RecordingState(Value):
    """One recording: a file that may be played while it grows."""

    id: str
    bytes: int
    made: float = Field(description="Seconds since 1970, by this machine's clock")


class KeepSettings(BaseModel):
    """How much room snapshots and recordings may take. The oldest go first."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    snapshots_mb: int = Field(default=256, ge=1, description="All snapshots together, in MB")
    recordings_mb: int = Field(default=4096, ge=16, description="All recordings together, in MB")
    free_mb: int = Field(
        default=512, ge=0, description="What stays free on the disk: with less, nothing is taken"
    )
