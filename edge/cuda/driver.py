"""
What the CUDA driver says of its devices, asked through ctypes.

This needs no package and cannot crash without a GPU, so it is asked first: TensorRT 8.6 ends the
whole process when a runtime is made where there is none.
"""

from __future__ import annotations

from ctypes import CDLL, byref, c_int, create_string_buffer
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.errors import ModelError

LIBRARY = "libcuda.so.1"
NAME_BYTES = 256
INTEGRATED, MAJOR, MINOR = 18, 75, 76  # CUdevice_attribute
ADVICE = "See what this machine has with: python -m edge doctor"


@dataclass(frozen=True, slots=True)
class Gpu:
    """
    One device.

    Attributes:
        compute_capability: (major, minor), such as (8, 7) for Orin.
        integrated: it shares the CPU's memory, so that buffers need no copies.
        driver: the newest CUDA its driver runs, and the driver's own version where it is told.
    """

    name: str
    compute_capability: tuple[int, int]
    integrated: bool
    driver: str

    @property
    def architecture(self) -> str:
        """Such as ``sm_87``."""
        major, minor = self.compute_capability
        return f"sm_{major}{minor}"

    def __str__(self) -> str:
        return f"{self.name} ({self.architecture})"


def library() -> Any:
    """
    The driver's library, initialised.

    Raises:
        ModelError: there is no driver, or no device that it can use.
    """
    try:
        cuda = CDLL(LIBRARY)
    except OSError as error:
        raise ModelError(
            f"no NVIDIA GPU: the driver's {LIBRARY} cannot be loaded. In a container start it with "
            f"--gpus all or --runtime nvidia. {ADVICE}"
        ) from error
    check(cuda.cuInit(0), "cuInit")
    return cuda


def require_gpu(index: int = 0) -> Gpu:
    """
    Ask for a device.

    Raises:
        ModelError: there is none of that index.
    """
    cuda = library()
    count, version, integrated = c_int(), c_int(), c_int()
    major, minor, name = c_int(), c_int(), create_string_buffer(NAME_BYTES)
    check(cuda.cuDeviceGetCount(byref(count)), "cuDeviceGetCount")
    if not 0 <= index < count.value:
        raise ModelError(f"no NVIDIA GPU {index}: the driver has {count.value}. {ADVICE}")
    check(cuda.cuDriverGetVersion(byref(version)), "cuDriverGetVersion")
    check(cuda.cuDeviceGetName(name, NAME_BYTES, index), "cuDeviceGetName")
    for value, attribute in ((major, MAJOR), (minor, MINOR), (integrated, INTEGRATED)):
        status = cuda.cuDeviceGetAttribute(byref(value), attribute, index)
        check(status, "cuDeviceGetAttribute")
    newest = f"CUDA {version.value // 1000}.{version.value % 1000 // 10}"
    return Gpu(
        name=name.value.decode(errors="replace"),
        compute_capability=(major.value, minor.value),
        integrated=bool(integrated.value),
        driver=", ".join(filter(None, [_driver_version(), newest])),
    )


def check(status: int, call: str) -> None:
    """Raise ModelError unless a call's ``status`` is CUDA_SUCCESS."""
    if status == 100:  # CUDA_ERROR_NO_DEVICE
        raise ModelError(f"no NVIDIA GPU: the driver is here, but finds no device. {ADVICE}")
    if status != 0:
        raise ModelError(f"the NVIDIA GPU cannot be used: {call} gave error {status}. {ADVICE}")


def _driver_version(path: Path = Path("/sys/module/nvidia/version")) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""  # Jetson's older drivers tell none
