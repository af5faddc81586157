"""The inference runtimes: which are installed, whether they load, and what they can use."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

from edge.doctor.checks import Finding
from edge.doctor.checks.child import Answer, ask

Ask = Callable[..., Answer]
PYTHON = sys.executable


def onnxruntime(ask: Ask = ask) -> Finding:
    """ONNX Runtime, which the default model needs."""
    name = "ONNX Runtime"
    installed = [d for d in ("onnxruntime", "onnxruntime-gpu") if _installed(d)]
    if len(installed) == 2:
        return Finding(
            name,
            "problem",
            "both onnxruntime and onnxruntime-gpu are installed",
            "they overwrite each other's files",
            f"{PYTHON} -m pip uninstall onnxruntime onnxruntime-gpu, then install one of them",
        )
    answer = ask("onnxruntime")
    if answer.error:
        advice = "delete .venv and start ./run.edge.sh again"
        return Finding(name, "problem", answer.error, "the default model cannot run", advice)
    providers = [p.removesuffix("ExecutionProvider") for p in answer.value["providers"]]
    found = f"{answer.value['version']}: {', '.join(providers)}"
    if {"CUDA", "Tensorrt"} & set(providers):
        return Finding(name, "ok", found, "onnx: models run on the GPU where CUDA and cuDNN load")
    return Finding(name, "ok", found, "onnx: models run on the CPU")


def openvino(ask: Ask = ask) -> Finding:
    """OpenVINO, the faster runtime on x86."""
    advice = f"{PYTHON} -m pip install openvino"
    if not find_spec("openvino"):
        meaning = "openvino: models cannot be used; on a CPU they are the fastest"
        return Finding("OpenVINO", "missing", "not installed", meaning, advice)
    answer = ask("openvino")
    if answer.error:
        meaning = "openvino: models cannot be used"
        return Finding("OpenVINO", "problem", answer.error, meaning, f"{advice} --force-reinstall")
    devices = ", ".join(answer.value["devices"])
    return Finding("OpenVINO", "ok", f"{answer.value['version']}: {devices}")


def tensorrt(ask: Ask = ask) -> Iterable[Finding]:
    """TensorRT, and PyCUDA through which it gets its memory."""
    needs = {
        "tensorrt": ("TensorRT", "comes with JetPack (apt-get install nvidia-jetpack)"),
        "pycuda": ("PyCUDA", f"{PYTHON} -m pip install pycuda (needs the CUDA toolkit)"),
    }
    for module, (name, advice) in needs.items():
        if not find_spec(module):
            meaning = "only tensorrt: models on an NVIDIA GPU need it"
            yield Finding(name, "missing", "not installed", meaning, advice)
            continue
        answer = ask(module)
        if answer.error:
            yield Finding(name, "problem", answer.error, "tensorrt: models cannot be used", advice)
        else:
            yield Finding(name, "ok", answer.value["version"])


def examine() -> Iterable[Finding]:
    """All of them."""
    return [onnxruntime(), openvino(), *tensorrt()]


def _installed(distribution: str) -> bool:
    try:
        version(distribution)
    except PackageNotFoundError:
        return False
    return True
