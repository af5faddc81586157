"""ONNX Runtime as the service uses it: on CUDA or the CPU, one frame at a time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edge.errors import ModelError, ModelMismatch

PROVIDERS = ("CUDAExecutionProvider", "CPUExecutionProvider")  # the first that is present is used


def load(model: Path, threads: int, mend: str, size: tuple[int, int] | None = None) -> Any:
    """
    An ``onnxruntime.InferenceSession``.

    Args:
        threads: of the CPU, for one frame; 0 for one per core.
        mend: what to run when the file is wrong, for messages.
        size: (width, height) of the picture, if the graph leaves them open by these names.

    Raises:
        ModelError: ONNX Runtime is not installed.
        ModelMismatch: it cannot load the file.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise ModelError(
            "ONNX Runtime is not installed: pip install 'edge-matting[cpu]' (or [gpu])"
        ) from error
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Waiting threads sleep: spinning takes a fifth more CPU time from the encoder, and where that
    # shares the cores, frames take longer too.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # One plan for all buffers of a run keeps 200 MB more of U2NETP than taking each as it comes,
    # and is no faster. Without the arena it would be 100 MB in all, but half as slow again.
    options.enable_mem_pattern = False
    for name, side in zip(("width", "height"), size or (), strict=False):
        options.add_free_dimension_override_by_name(name, side)
    options.log_severity_level = 3  # errors; what is below is about graph optimisations
    present = onnxruntime.get_available_providers()
    providers = [name for name in PROVIDERS if name in present]
    try:
        return onnxruntime.InferenceSession(str(model), options, providers=providers)
    except Exception as error:  # noqa: BLE001 - ONNX Runtime's errors share no other base
        raise ModelMismatch(f"{model}: ONNX Runtime cannot load it: {error}. {mend}") from error


def provider(session: Any) -> str:
    """Name of the one that it runs on, such as "CPUExecutionProvider"."""
    return str(session.get_providers()[0])
