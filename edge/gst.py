"""GStreamer for Python, which comes with the distribution and not from PyPI."""

from __future__ import annotations

import contextlib
import ctypes
import importlib
import importlib.machinery
import importlib.util
import sys
from pathlib import Path
from typing import Any

from edge.errors import NoGStreamer

DISTRIBUTION = Path("/usr/lib/python3/dist-packages")  # Debian, Ubuntu, JetPack
ADVICE = (
    "sudo apt-get install python3-gi gir1.2-gst-plugins-base-1.0 gstreamer1.0-plugins-base "
    "gstreamer1.0-plugins-good"
)


def gstreamer() -> Any:
    """
    The initialised ``Gst`` module, with ``GstApp``'s elements known.

    A virtual environment does not see the distribution's packages: of these, ``gi`` alone is taken,
    where the environment's Python is the one it was built for.

    Raises:
        NoGStreamer: it is not installed, or for another Python. Says what to do.
    """
    _keep_exceptions()
    try:
        gi = _gi()
        for module in ("Gst", "GstApp", "GstVideo"):
            gi.require_version(module, "1.0")
        for module in ("GstApp", "GstVideo"):
            importlib.import_module(f"gi.repository.{module}")
        gst: Any = importlib.import_module("gi.repository.Gst")
        gst.init(None)
    except (ImportError, ValueError) as error:  # ValueError: no such typelib
        raise NoGStreamer(f"no GStreamer for this Python: {_reason(error)}") from error
    return gst


def _keep_exceptions() -> None:
    """
    Have the compiler's own unwinder found first, before GStreamer brings libunwind for all.

    libunwind names its functions as libgcc_s does; C++ libraries that are loaded after it, such as
    OpenVINO and TensorRT, would throw by the one and catch by the other, and the process would end.
    """
    with contextlib.suppress(OSError):
        ctypes.CDLL("libgcc_s.so.1", mode=ctypes.RTLD_GLOBAL)


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


def _reason(error: Exception) -> str:
    """What is wrong, and what to do: another Python takes another cure than a missing package."""
    built = _built_for()
    ours = sys.version_info[:2]
    if built and ours not in built:
        theirs = ", ".join(f"{major}.{minor}" for major, minor in sorted(built))
        return (
            f"the distribution's gi is for Python {theirs}, and this is {ours[0]}.{ours[1]}. Make "
            "the environment with the distribution's own: rm -r .venv; /usr/bin/python3 -m venv "
            ".venv; then start ./run.edge.sh"
        )
    return f"{error}. Run {ADVICE}"


def _built_for() -> set[tuple[int, int]]:
    """The versions of Python that the distribution's ``gi`` was built for."""
    tags = (file.name.split(".")[1] for file in (DISTRIBUTION / "gi").glob("_gi.cpython-*.so"))
    numbers = (tag.split("-")[1] for tag in tags)
    return {(int(each[0]), int(each[1:])) for each in numbers if each.isdigit()}
