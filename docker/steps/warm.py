"""
Imports what the service imports, so that its bytecode is written: later the disk is read-only.

Kinds whose runtime this target does not have are left out; a broken service ends the build.
"""

from __future__ import annotations

import importlib
import pkgutil
import sys

import edge
import edge.doctor
import edge.serve

RUNTIMES = ["onnxruntime", "onnx", "onnx.helper", "openvino", "cuda.bindings.driver"]


def main() -> None:
    """Import all of it."""
    rooms = [found.name for found in pkgutil.walk_packages(edge.__path__, "edge.")]
    for name in rooms + RUNTIMES:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            if (error.name or "edge").partition(".")[0] == "edge":
                raise
            sys.stdout.write(f"{name} needs {error.name}, which is not here\n")
        except ImportError as error:  # such as TensorRT's, before the driver is mounted
            sys.stdout.write(f"{name}: {error}\n")


main()
