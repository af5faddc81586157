"""What a recurrent network keeps from frame to frame, and what else it takes and gives."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class State(_Value):
    """Tensor names: what comes out with one frame goes in with the next. Zeros start a scene."""

    input: str
    output: str


class Memory(_Value):
    """
    The ends of a recurrent network beside its picture and its alpha.

    Attributes:
        states: (1, channels, h, w) float32; (1, 1, 1, 1) zeros stand for none.
        foreground: output, the colours without the background's share: in a published network
            (1, 3, H, W) float32 in [0, 1], in a model file (1, H, W, 3) uint8. None if none.
        ratio: input, (1,) float32: by how much it shrinks the picture for all but the edges.
        inner: the long side of that shrunk picture, in pixels; a smaller one is not enlarged.
    """

    states: tuple[State, ...] = Field(min_length=1)
    foreground: str | None = None
    ratio: str | None = None
    inner: int = Field(default=480, ge=64, le=4096)

    @property
    def inputs(self) -> list[str]:
        """Names of the states, and of the ratio if there is one, as the network takes them."""
        return [state.input for state in self.states] + ([self.ratio] if self.ratio else [])

    @property
    def outputs(self) -> list[str]:
        """Names of the states, and of the foreground if there is one."""
        given = [self.foreground] if self.foreground else []
        return given + [state.output for state in self.states]

    def downsample(self, width: int, height: int) -> float:
        """The ratio for a picture of this size, in (0, 1]."""
        return min(1.0, self.inner / max(width, height))
