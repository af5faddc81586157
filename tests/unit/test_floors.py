"""The house's order: imports go down only, kinds stay apart, and the service never needs torch."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

FLOORS: dict[str, int] = {
    # 0: the values that flow, the errors
    **dict.fromkeys(("__init__", "frame", "errors"), 0),
    # 1: pure functions on pictures and files, hand-overs between threads, the contract's values
    **dict.fromkeys(("files", "ending", "secrets", "memory", "latest", "controls", "state"), 1),
    **dict.fromkeys(("guard", "parity", "cores", "gst", "migrations", "taken", "snapshot"), 1),
    **dict.fromkeys(("compose", "refine", "fit", "slate", "media", "drawn", "v4l2"), 1),
    # 2: the seams with their kinds, and where their files come from
    **dict.fromkeys(("plugins", "zoo", "sources", "matting", "backgrounds", "gallery", "look"), 2),
    **dict.fromkeys(("album", "film"), 2),
    **dict.fromkeys(("compositors", "cuda", "tensorrt", "encoders"), 2),
    # 3: the threads and their figures
    **dict.fromkeys(
        ("stats", "capture", "inference", "following", "compositing", "outlet", "pipeline"), 3
    ),
    # 4: viewers, guests, and changing it all while it runs
    **dict.fromkeys(("webrtc", "publishers", "catalog", "remember", "studio", "watchdog"), 4),
    **dict.fromkeys(("recorder", "stills"), 4),
    # 5: HTTP, settings, self-check, command line
    **dict.fromkeys(("http", "app", "serve", "settings", "doctor", "__main__"), 5),
    **dict.fromkeys(("access", "assembly"), 5),
}
SEAMS = ("sources", "matting", "backgrounds", "compositors", "encoders", "publishers")


def name_of(path: Path) -> str:
    """Such as "edge.sources.camera"."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


MODULES = {name_of(path): path for path in (ROOT / "edge").rglob("*.py")}


def room(module: str) -> str:
    """The room of edge in which ``module`` is: the first part of its name after "edge"."""
    return module.split(".")[1] if "." in module else "__init__"


def imported(module: str) -> set[str]:
    """The modules of edge that ``module`` imports, at any depth of its code."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return (names & set(MODULES)) - {"edge", module}


def test_every_room_has_its_floor() -> None:
    assert {room(module) for module in MODULES} <= set(FLOORS)


@pytest.mark.parametrize("module", sorted(MODULES))
def test_imports_go_down_only(module: str) -> None:
    floor = FLOORS[room(module)]
    above = {other for other in imported(module) if FLOORS[room(other)] > floor}
    assert not above, f"{module} is on floor {floor}"


def kinds(seam: str) -> list[str]:
    names = (module for module in MODULES if module.startswith(f"edge.{seam}."))
    return [name for name in names if not name.rpartition(".")[2].startswith("_")]


@pytest.mark.parametrize("kind", sorted(kind for seam in SEAMS for kind in kinds(seam)))
def test_kinds_never_import_each_other(kind: str) -> None:
    assert not imported(kind) & set(kinds(room(kind)))


@pytest.mark.parametrize("other", ["convert", "train", "bench"])
def test_the_service_knows_nothing_of_the_rooms_beside_it(other: str) -> None:
    for module, path in MODULES.items():
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not [n for n in names if n.partition(".")[0] == other], module


def test_the_whole_service_is_imported_without_torch_or_an_inference_runtime() -> None:
    heavy = ["torch", "onnxruntime", "onnx", "openvino", "tensorrt", "pycuda", "gi"]
    code = f"import sys, edge.serve; print([n for n in {heavy} if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
