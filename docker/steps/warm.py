"""
Imports what the service imports, so that its bytecode is written: later the disk is read-only.

Kinds whose runtime this target does not have are left out; a broken service ends the build.
"""

from __future__ import annotations

import importlib
import pkgutil
import subprocess
import sys

import edge
import edge.doctor
import edge.serve

RUNTIMES = ("onnxruntime", "onnx, onnx.helper", "openvino", "cuda.bindings.driver")


def main() -> None:
    """Import all of it."""
    for found in pkgutil.walk_packages(edge.__path__, "edge."):
        try:
            importlib.import_module(found.name)
        except ModuleNotFoundError as error:
            if (error.name or "edge").partition(".")[0] == "edge":
                raise
            sys.stdout.write(f"{found.name} needs {error.name}, which is not here\n")
    for names in RUNTIMES:
        # In a process of its own: ONNX Runtime for arm64 crashes when it is loaded by QEMU on an
        # x86 machine, whose /sys it does not understand, and the image for arm64 may be built so.
        done = subprocess.run([sys.executable, "-I", "-c", f"import {names}"], capture_output=True)
        sys.stdout.write(f"{names}: {'imported' if done.returncode == 0 else 'not imported'}\n")


main()
