"""
The child's side: ``python -m edge.doctor.checks.probes NAME [ARGUMENT]`` prints one line of JSON.

Exit status 0: the answer. 1: what went wrong, as a string.
"""

from __future__ import annotations

import dataclasses
import importlib
import json
import sys
import time
from collections.abc import Callable
from ctypes import CDLL, byref, c_int, c_size_t, create_string_buffer
from pathlib import Path
from typing import Any

COMPUTE_CAPABILITY_MAJOR, COMPUTE_CAPABILITY_MINOR = 75, 76  # CUdevice_attribute


def cameras() -> list[dict[str, Any]]:
    """The cameras with their modes, and what keeps each from being used now."""
    from edge.v4l2 import cameras, trouble

    return [
        dataclasses.asdict(camera) | {"errno": trouble(Path(camera.path))} for camera in cameras()
    ]


def outputs() -> list[dict[str, str]]:
    """The devices that take pictures, which other programs see as cameras."""
    from edge.v4l2.output import outputs as found

    return [{"path": path, "name": name} for path, name in found().items()]


def encoder(spec: str) -> float:
    """Let the encoder that ``spec`` names encode some pictures; gives milliseconds for each."""
    from edge import plugins
    from edge.encoders._order import TRIAL_PICTURES, try_out

    kind = plugins.make("edge.encoders", spec)
    begin_s = time.process_time()
    try_out(kind)
    return round(1e3 * (time.process_time() - begin_s) / TRIAL_PICTURES, 2)


def cuda() -> dict[str, Any]:
    """The driver's CUDA version and its devices, asked of the driver itself."""
    library = CDLL("libcuda.so.1")
    _must(library.cuInit(0), "cuInit")
    version, count = c_int(), c_int()
    _must(library.cuDriverGetVersion(byref(version)), "cuDriverGetVersion")
    _must(library.cuDeviceGetCount(byref(count)), "cuDeviceGetCount")
    devices = []
    for device in range(count.value):
        name, memory = create_string_buffer(128), c_size_t()
        major, minor = c_int(), c_int()
        _must(library.cuDeviceGetName(name, 128, device), "cuDeviceGetName")
        _must(library.cuDeviceTotalMem_v2(byref(memory), device), "cuDeviceTotalMem")
        for value, attribute in (
            (major, COMPUTE_CAPABILITY_MAJOR),
            (minor, COMPUTE_CAPABILITY_MINOR),
        ):
            _must(
                library.cuDeviceGetAttribute(byref(value), attribute, device),
                "cuDeviceGetAttribute",
            )
        devices.append(
            {
                "name": name.value.decode(errors="replace"),
                "memory_bytes": memory.value,
                "compute_capability": f"{major.value}.{minor.value}",
            }
        )
    cuda_version = f"{version.value // 1000}.{version.value % 1000 // 10}"
    return {"cuda": cuda_version, "devices": devices}


def _must(status: int, call: str) -> None:
    if status != 0:
        raise RuntimeError(f"{call} gave CUDA error {status}")


def onnxruntime() -> dict[str, Any]:
    """Its version and the execution providers it was built with."""
    module = importlib.import_module("onnxruntime")
    return {"version": module.__version__, "providers": module.get_available_providers()}


def openvino() -> dict[str, Any]:
    """Its version and the devices it sees."""
    module = importlib.import_module("openvino")
    return {"version": module.get_version(), "devices": list(module.Core().available_devices)}


def tensorrt() -> dict[str, Any]:
    """Its version. Nothing of it is made: without a GPU that crashes in some versions."""
    return {"version": importlib.import_module("tensorrt").__version__}


def pycuda() -> dict[str, Any]:
    """Its version, if its driver module loads."""
    version = importlib.import_module("pycuda").VERSION_TEXT
    importlib.import_module("pycuda.driver")
    return {"version": version}


def gstreamer() -> dict[str, Any]:
    """GStreamer's version, and which H.264 encoders it has."""
    from edge.gst import gstreamer as initialised

    gst = initialised()
    names = ("nvv4l2h264enc", "v4l2h264enc", "x264enc")
    encoders = [name for name in names if gst.ElementFactory.find(name)]
    return {"version": gst.version_string(), "encoders": encoders}


PROBES: dict[str, Callable[..., Any]] = {
    probe.__name__: probe
    for probe in (
        cameras,
        outputs,
        encoder,
        cuda,
        onnxruntime,
        openvino,
        tensorrt,
        pycuda,
        gstreamer,
    )
}


def main(arguments: list[str]) -> int:
    """Run the probe that the arguments name, and print its answer."""
    name, *rest = arguments
    try:
        answer, status = PROBES[name](*rest), 0
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent is to be told
        answer, status = _words(error), 1
    sys.stdout.write("\n" + json.dumps(answer) + "\n")
    return status


def _words(error: Exception) -> str:
    """One line; FFmpeg's errors, and the system's, have words of their own."""
    words = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return " ".join(str(words).split())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
