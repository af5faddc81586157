"""The NVIDIA GPU: asked of its driver, without any of the runtimes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from edge.doctor.checks import Finding
from edge.doctor.checks.child import Answer, ask

Ask = Callable[..., Answer]


def examine(
    proc: Path = Path("/proc"), dev: Path = Path("/dev"), ask: Ask = ask
) -> Iterable[Finding]:
    """A row for each GPU that CUDA can use, or one that says why there is none."""
    answer = ask("cuda")
    if answer.value and answer.value["devices"]:
        return [
            Finding(
                "GPU",
                "ok",
                f"{device['name']}, {device['memory_bytes'] / 1e9:.0f} GB, compute capability "
                f"{device['compute_capability']}, driver for CUDA {answer.value['cuda']}",
                "can run the model; the runtimes below say by what",
            )
            for device in answer.value["devices"]
        ]
    if (proc / "driver" / "nvidia" / "version").exists() or any(dev.glob("nvidia[0-9]*")):
        return [
            Finding(
                "GPU",
                "problem",
                f"an NVIDIA driver is loaded, but CUDA does not start ({answer.error})",
                "the CPU is used instead",
                "run nvidia-smi; in a container start it with --gpus all or --runtime nvidia",
            )
        ]
    return [Finding("GPU", "missing", "no NVIDIA GPU", "the CPU is used")]
