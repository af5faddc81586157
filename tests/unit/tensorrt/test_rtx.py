"""
The build path against a real TensorRT: TensorRT for RTX, whose builder needs no GPU.

It has the shape of TensorRT 11. ``pip install tensorrt-rtx`` (234 MB) brings it.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from queue import Queue

import pytest

from convert.errors import ConversionError, UnsupportedOperation
from convert.tensorrt.install import build_and_install
from convert.tensorrt.options import Order, Tuning
from edge.errors import EdgeError
from edge.tensorrt.build import Build
from edge.tensorrt.key import Precision
from edge.zoo import Zoo, default_cache
from edge.zoo.card_file import check_file, read_card
from tests.unit.tensorrt.samples import graph, onnx_file

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not find_spec("tensorrt_rtx"), reason="no TensorRT for RTX: pip install tensorrt-rtx"
    ),
]
ROOT = Path(__file__).resolve().parents[3]
RTX = "tensorrt_rtx"


@pytest.fixture(scope="module")
def u2netp() -> Path:
    """The published U2NETP as the service runs it, from the user's cache or fetched into it."""
    try:
        return Zoo(default_cache()).path("u2netp")
    except EdgeError as error:
        pytest.skip(f"U2NETP is not at hand: {error}")


@pytest.mark.parametrize("precision", ["fp32", "fp16"])
def test_u2netp_becomes_an_engine(u2netp: Path, tmp_path: Path, precision: Precision) -> None:
    told: list[float] = []
    order = Order(None, u2netp, tmp_path, precision, library=RTX)
    engine = build_and_install(order, told.append)
    card = read_card(engine, "")
    check_file(card, engine, "")
    assert engine.name.startswith(f"u2netp-{precision}-320x320-rtx")
    weights_bytes = 4.4e6 if precision == "fp32" else 2.2e6
    assert engine.stat().st_size > weights_bytes
    assert told == sorted(told)
    assert told[-1] == 1
    assert len(told) > 3  # TensorRT told of its progress


def test_a_quantised_graph_becomes_an_engine(tmp_path: Path) -> None:
    path = onnx_file(tmp_path, graph(quantised=True), precision="int8")
    engine = build_and_install(Order(None, path, tmp_path, library=RTX), lambda done: None)
    assert engine.name.startswith("small-int8-48x32-rtx")


def test_memory_and_level_are_taken(tmp_path: Path) -> None:
    tuning = Tuning(workspace_mib=64, level=0)
    order = Order(None, onnx_file(tmp_path), tmp_path, tuning=tuning, library=RTX)
    assert build_and_install(order, lambda done: None).exists()


def test_dla_is_refused_where_there_is_none(tmp_path: Path) -> None:
    order = Order(None, onnx_file(tmp_path), tmp_path, tuning=Tuning(dla_core=0), library=RTX)
    with pytest.raises(ConversionError, match="no DLA core 0: this GPU has 0"):
        build_and_install(order, lambda done: None)


def test_an_unknown_operation_is_named(tmp_path: Path) -> None:
    path = onnx_file(tmp_path, graph(operation="Mystery"))
    order = Order(None, path, tmp_path, "fp32", library=RTX)
    with pytest.raises(UnsupportedOperation, match="Mystery"):
        build_and_install(order, lambda done: None)


def test_the_command_prints_where_the_engine_is(tmp_path: Path) -> None:
    arguments = ["--onnx", str(onnx_file(tmp_path)), "--cache-dir", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "convert", "tensorrt", *arguments, "--library", RTX],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
    )
    assert done.returncode == 0, done.stderr
    engine = Path(done.stdout.strip())
    check_file(read_card(engine, ""), engine, "")


def test_the_service_has_it_built_beside_itself(tmp_path: Path) -> None:
    arguments = ["--onnx", str(onnx_file(tmp_path)), "--cache-dir", str(tmp_path)]
    done: Queue[str | None] = Queue()
    running = Build([*arguments, "--library", RTX], done.put)
    assert done.get(timeout=110) is None
    assert running.progress == 1.0
    assert list((tmp_path / "engines").glob("small-fp16-*.engine"))
