"""GStreamer for Python, which comes with the distribution and not from PyPI."""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import sys
from pathlib import Path
from typing import Any

from edge.errors import EncoderError

DISTRIBUTION = Path("/usr/lib/python3/dist-packages")  # Debian, Ubuntu, JetPack
ADVICE = "sudo apt-get install python3-gi gir1.2-gst-plugins-base-1.0"


def gstreamer() -> Any:
    """
    The initialised ``Gst`` module, with ``GstApp``'s elements known.

    A virtual environment does not see the distribution's packages: of these, ``gi`` alone is taken,
    where the environment's Python is the one it was built for.

    Raises:
        EncoderError: it is not installed, or for another Python.
    """
    try:
        gi = _gi()
        for module in ("Gst", "GstApp", "GstVideo"):
            gi.require_version(module, "1.0")
        for module in ("GstApp", "GstVideo"):
            importlib.import_module(f"gi.repository.{module}")
        gst: Any = importlib.import_module("gi.repository.Gst")
        gst.init(None)
    except (ImportError, ValueError) as error:  # ValueError: no such typelib
        raise EncoderError(f"no GStreamer for this Python ({error}): {ADVICE}") from error
    return gst


def _gi() -> Any:
    try:
        return importlib.import_module("gi")
    except ImportError:
        if "gi" in sys.modules:
            raise
    spec = importlib.machinery.PathFinder.find_spec("gi", [str(DISTRIBUTION)])
    if spec is None or spec.loader is None:
        raise ImportError(f"no gi here and none in {DISTRIBUTION}")
    module = importlib.util.module_from_spec(spec)
    sys.modules["gi"] = module
    try:
        spec.loader.exec_module(module)
    except ImportError:
        del sys.modules["gi"]
        raise
    return module
