from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from edge import plugins
from edge.errors import InputError, ModelError, ModelMismatch, ModelMissing, UnknownName
from edge.frame import Frame
from edge.matting.openvino import make
from edge.zoo import Zoo
from edge.zoo.card import Companion, Quantised
from edge.zoo.card_file import file_sha256
from tests.unit.convert.graphs import GIVEN, HEIGHT, WIDTH, graph, put

needs_openvino = pytest.mark.skipif(
    find_spec("openvino") is None,
    reason="OpenVINO is not installed: pip install 'edge-matting[openvino]'",
)


@pytest.fixture
def zoo(tmp_path: Path) -> Zoo:
    return Zoo(tmp_path / "cache")


def frame(width: int = 96, height: int = 80, seed: int = 0) -> Frame:
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Frame(image, seed, 0)


@needs_openvino
def test_it_mattes_as_onnx_runtime_does(tmp_path: Path, zoo: Zoo) -> None:
    path = put(tmp_path, graph())
    ours = make(f"{path}?threads=1", zoo=zoo)
    theirs = plugins.make("edge.matting", f"onnx:{path}", zoo=zoo)
    for shown in (frame(), frame(200, 40, 1), frame(33, 77, 2)):
        found = ours.matte(shown).alpha
        assert found.dtype == np.float32
        assert np.allclose(found, theirs.matte(shown).alpha, atol=1e-4)


@needs_openvino
def test_an_earlier_matte_stays_as_it_was(tmp_path: Path, zoo: Zoo) -> None:
    """The runtime gives the same buffer each time."""
    model = make(str(put(tmp_path, graph())), zoo=zoo)
    first = model.matte(frame(seed=1)).alpha
    kept = first.copy()
    model.matte(frame(seed=2))
    assert np.array_equal(first, kept)


@needs_openvino
def test_a_letterboxed_alpha_covers_the_frame_only(tmp_path: Path, zoo: Zoo) -> None:
    path = put(tmp_path, graph(), input=GIVEN.model_copy(update={"fit": "letterbox"}))
    assert make(str(path), zoo=zoo).matte(frame(40, 80)).alpha.shape == (HEIGHT, HEIGHT // 2)


@needs_openvino
@pytest.mark.parametrize(
    ("argument", "told"),
    [
        ("", "wanted a model's id or file"),
        ("u2netp?device=TPU", "device=TPU: wanted device=CPU, GPU, NPU or AUTO"),
        ("u2netp?precision=int8", "precision=f32, bf16, f16"),
        ("u2netp?threads=many", "threads=N up to 256"),
        ("u2netp?threads=9999", "threads=N up to 256"),
        ("u2netp?speed=9", "speed=9: wanted"),
    ],
)
def test_a_malformed_argument_is_refused(argument: str, told: str, zoo: Zoo) -> None:
    with pytest.raises(InputError, match=told):
        make(argument, zoo=zoo)


@needs_openvino
def test_an_unknown_model_lists_those_there_are(zoo: Zoo) -> None:
    with pytest.raises(UnknownName, match="u2netp"):
        make("u3net", zoo=zoo)


@needs_openvino
def test_a_device_that_is_not_here_is_named(tmp_path: Path, zoo: Zoo) -> None:
    path = put(tmp_path, graph())
    with pytest.raises(ModelError, match=r"finds no GPU\.7 here, but"):
        make(f"{path}?device=GPU.7", zoo=zoo)


@needs_openvino
def test_a_precision_that_the_device_lacks_is_refused(
    tmp_path: Path, zoo: Zoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    import openvino

    class Plain:
        available_devices = ("CPU",)

        def get_property(self, device: str, name: str) -> list[str]:
            return ["FP32", "INT8"]

    monkeypatch.setattr(openvino, "Core", Plain)
    with pytest.raises(ModelError, match="CPU does not compute in bf16; it has FP32, INT8"):
        make(f"{put(tmp_path, graph())}?precision=bf16", zoo=zoo)


@needs_openvino
def test_floats_are_f32_unless_the_card_or_the_user_says_else(
    tmp_path: Path, zoo: Zoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """OpenVINO's own choice on a CPU with bf16 is bf16."""
    import openvino

    hints = []
    real = openvino.Core

    class Watched:
        def __init__(self) -> None:
            self._core = real()
            self.available_devices = ("CPU",)

        def get_property(self, device: str, name: str) -> list[str]:
            return ["FP32", "BF16", "INT8"]

        def compile_model(self, path: str, device: str, options: dict[str, object]) -> object:
            hints.append(options["INFERENCE_PRECISION_HINT"])
            return self._core.compile_model(path, device, options)

    monkeypatch.setattr(openvino, "Core", Watched)
    make(str(put(tmp_path, graph())), zoo=zoo)
    make(f"{put(tmp_path, graph(), 'other')}?precision=bf16", zoo=zoo)
    make(str(put(tmp_path, graph(), "third", precision="bf16")), zoo=zoo)
    assert hints == ["f32", "bf16", "bf16"]


def test_without_openvino_it_says_which_extra_brings_it(
    tmp_path: Path, zoo: Zoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openvino", None)
    with pytest.raises(ModelError, match=r"edge-matting\[openvino\]"):
        make(str(put(tmp_path, graph())), zoo=zoo)


@needs_openvino
@pytest.mark.parametrize(
    ("damage", "error", "told"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-9]), ModelMismatch, "cut off"),
        (lambda path: path.unlink(), ModelMissing, "no such file"),
        (lambda path: path.with_suffix(".json").unlink(), ModelMissing, "no card"),
    ],
    ids=["cut off", "gone", "no card"],
)
def test_a_damaged_model_is_refused(
    damage: Callable[[Path], object], error: type[ModelError], told: str, tmp_path: Path, zoo: Zoo
) -> None:
    path = put(tmp_path, graph())
    damage(path)
    with pytest.raises(error, match=told):
        make(str(path), zoo=zoo)


@needs_openvino
def test_a_companion_that_was_changed_is_refused(tmp_path: Path, zoo: Zoo) -> None:
    weights = tmp_path / "small.bin"
    weights.write_bytes(b"weights")
    beside = Companion(file=weights.name, sha256=file_sha256(weights), size_bytes=7)
    path = put(tmp_path, graph(), companion=beside)
    make(str(path), zoo=zoo)
    weights.write_bytes(b"Weights")
    with pytest.raises(ModelMismatch, match=r"small\.bin: sha256"):
        make(str(path), zoo=zoo)


@needs_openvino
def test_a_card_of_another_size_is_refused(tmp_path: Path, zoo: Zoo) -> None:
    wrong = GIVEN.model_copy(update={"width": WIDTH + 2})
    with pytest.raises(ModelMismatch, match="its card says"):
        make(str(put(tmp_path, graph(), input=wrong)), zoo=zoo)


@needs_openvino
def test_what_is_no_graph_is_told_as_ours(tmp_path: Path, zoo: Zoo) -> None:
    path = put(tmp_path, graph())
    path.write_bytes(b"no graph")
    card = path.with_suffix(".json")
    text = card.read_text()
    old = json.loads(text)
    text = text.replace(old["sha256"], file_sha256(path))
    card.write_text(text.replace(f'"size_bytes": {old["size_bytes"]}', '"size_bytes": 8'))
    with pytest.raises(ModelError, match="OpenVINO cannot load it"):
        make(str(path), zoo=zoo)


@needs_openvino
def test_integers_meant_for_tensorrt_are_refused(tmp_path: Path, zoo: Zoo) -> None:
    made = Quantised(calibration="some", scheme="tensorrt", floats=())
    path = put(tmp_path, graph(), precision="int8", quantised=made)
    with pytest.raises(ModelMismatch, match="quantised for tensorrt, which OpenVINO runs wrongly"):
        make(str(path), zoo=zoo)


@needs_openvino
def test_an_engine_is_not_run_here(tmp_path: Path, zoo: Zoo) -> None:
    path = put(tmp_path, graph(), runtime="tensorrt")
    with pytest.raises(ModelMismatch, match="its card says tensorrt"):
        make(str(path), zoo=zoo)
