"""What the service does not need it does not load: each of these costs start-up time and memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OTHERS = "torch torchvision openvino tensorrt onnx scipy pandas matplotlib sympy pycuda gi numba"
SERVED = """
import threading
from pathlib import Path
from edge.assembly import make_studio
from edge.gallery import Gallery
from edge.settings import load
settings, explicit = load(["--source", "presenter:?size=320x180", "--matting", {model!r},
                           "--state-dir", {state!r}, "--cache-dir", {state!r}])
matted = threading.Event()
make = make_studio(settings, explicit, Gallery(Path({state!r})))
studio = make(lambda composite: composite.slate or matted.set())
studio.pipeline.start()
assert matted.wait(60)
assert studio.pipeline.stop()
"""


def loaded(program: str, names: str) -> str:
    """Those of ``names`` that a fresh process has imported after ``program``."""
    found = f"print('loaded:', *(name for name in {names.split()} if name in sys.modules))"
    command = [sys.executable, "-c", f"{program}\nimport sys\n{found}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.rpartition("loaded:")[2].strip()


def test_help_and_version_load_next_to_nothing() -> None:
    for word in ("--help", "--version"):
        program = f"from edge.__main__ import main\nmain([{word!r}])"
        assert loaded(program, "numpy cv2 av aiortc aiohttp pydantic") == ""


def test_a_service_that_mattes_with_onnx_runtime_loads_no_other_runtime(tmp_path: Path) -> None:
    program = SERVED.format(model="onnx:portrait_fast", state=str(tmp_path))
    assert loaded(program, f"{OTHERS} onnxruntime") == "onnxruntime"
