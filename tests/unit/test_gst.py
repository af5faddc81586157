"""GStreamer in this process: what it must not break, and what is said where it is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from edge import gst
from edge.errors import NoGStreamer


@pytest.fixture
def distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A distribution's packages without ``gi``, and an environment without it, too."""
    monkeypatch.setattr(gst, "DISTRIBUTION", tmp_path)
    for name in [name for name in sys.modules if name.partition(".")[0] == "gi"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "path", [])
    return tmp_path


def broken(distribution: Path, tag: str) -> None:
    """A ``gi`` whose binary part is for the Python that ``tag`` names."""
    package = distribution / "gi"
    package.mkdir()
    (package / "__init__.py").write_text("from . import _gi\n")
    (package / f"_gi.cpython-{tag}-x86_64-linux-gnu.so").touch()


def test_a_missing_package_is_told_with_what_to_install(distribution: Path) -> None:
    with pytest.raises(NoGStreamer, match=r"apt-get install python3-gi .*gstreamer1\.0-plugins"):
        gst.gstreamer()


def test_a_package_for_another_python_is_told_with_the_way_out(distribution: Path) -> None:
    broken(distribution, "39")
    ours = f"{sys.version_info[0]}.{sys.version_info[1]}"
    with pytest.raises(NoGStreamer, match=f"is for Python 3.9, and this is {ours}.*-m venv"):
        gst.gstreamer()
    assert "gi" not in sys.modules  # nothing half-loaded stays


def test_a_broken_package_for_this_python_keeps_its_own_words(distribution: Path) -> None:
    broken(distribution, f"{sys.version_info[0]}{sys.version_info[1]}")
    with pytest.raises(NoGStreamer, match="apt-get install"):
        gst.gstreamer()


def test_libraries_loaded_later_throw_by_the_compilers_own_unwinder() -> None:
    """Else the first C++ exception of OpenVINO or TensorRT ends the process."""
    program = (
        "import ctypes\n"
        "from edge.errors import NoGStreamer\n"
        "from edge.gst import gstreamer\n"
        "try:\n"
        "    gstreamer()\n"
        "except NoGStreamer:\n"
        "    raise SystemExit('no GStreamer')\n"
        "names = (None, 'libgcc_s.so.1')\n"
        "both = [ctypes.CDLL(name)._Unwind_RaiseException for name in names]\n"
        "found, own = [ctypes.cast(one, ctypes.c_void_p).value for one in both]\n"
        "raise SystemExit(0 if found == own else 'another unwinder comes first')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    if "no GStreamer" in done.stderr:
        pytest.skip("GStreamer's bindings are not there: apt-get install python3-gi")
    assert done.returncode == 0, done.stderr
