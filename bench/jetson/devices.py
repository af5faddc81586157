"""The public figures of Jetson modules, from NVIDIA's data sheets."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Device:
    """
    Attributes:
        multipliers: fp16 multiply-accumulates of all tensor cores a clock, dense.
        clock_mhz: of the GPU, the highest of that power mode.
        memory_gb_s: of the memory that CPU and GPU share.
    """

    name: str
    multipliers: int
    clock_mhz: int
    memory_gb_s: float

    @property
    def tmac_s(self) -> float:
        """Peak of dense fp16 multiply-accumulates, 10^12 a second: half the usual "TFLOPS"."""
        return self.multipliers * self.clock_mhz * 1e6 / 1e12


# Ampere's tensor core: 256 dense fp16 multiply-accumulates a clock, four to an SM (GA10x white
# paper). Blackwell's: 1024, for Thor's 2070 sparse fp4 TFLOPS are 1035 dense, and 259 in fp16.
DEVICES = (
    Device("Orin Nano 8GB", 32 * 256, 625, 68.0),
    Device("Orin Nano 8GB Super", 32 * 256, 1020, 102.0),
    Device("Orin NX 16GB", 32 * 256, 918, 102.4),
    Device("AGX Orin 64GB", 64 * 256, 1300, 204.8),
    Device("Thor T5000", 80 * 1024, 1575, 273.0),
)
