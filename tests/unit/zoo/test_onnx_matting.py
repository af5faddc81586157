from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from edge import plugins
from edge.errors import InputError, ModelError, ModelMismatch, ModelMissing, UnknownName
from edge.fit import fit, place
from edge.frame import Frame
from edge.matting.onnx import Onnx, make
from edge.zoo import Zoo
from edge.zoo.assets import Manifest, Release
from edge.zoo.card import Card
from edge.zoo.card_file import card_path, file_sha256
from edge.zoo.wrapping import wrap

pytestmark = pytest.mark.usefixtures("no_pauses")


def frame(width: int = 40, height: int = 24, seed: int = 0) -> Frame:
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Frame(image, seed, 0)


@pytest.fixture
def write(tmp_path: Path, tiny: Any) -> Callable[..., Path]:
    """Put a model file and its card into a folder; keywords change the card."""

    def put(data: bytes | None = None, **changes: Any) -> Path:
        path = tmp_path / "net.onnx"
        path.write_bytes(data or wrap(tiny.published, tiny.recipe, tiny.size))
        width, height = tiny.size
        fields = {
            "id": "tiny",
            "label": "Tiny",
            "task": "saliency",
            "runtime": "onnx",
            "precision": "fp32",
            "input": {"width": width, "height": height, "fit": "stretch", "interpolation": "area"},
            "file": path.name,
            "sha256": file_sha256(path),
            "size_bytes": path.stat().st_size,
            "licence": {"spdx": "MIT"},
            "origin": {"source": "https://example.org"},
        }
        card_path(path).write_text(Card.model_validate({**fields, **changes}).to_json())
        return path

    return put


def test_a_frame_is_fitted_and_matted_as_the_card_says(
    write: Callable[..., Path], tiny: Any
) -> None:
    model = make(str(write()))
    shown = frame()

    alpha = model.matte(shown).alpha

    fitted = fit(shown.image, place(shown.size, tiny.size, "stretch"), "area")
    assert alpha.dtype == np.float32
    np.testing.assert_allclose(alpha, tiny.alpha(fitted), atol=1e-6)


def test_a_matte_carries_how_sure_its_model_is_of_people(write: Callable[..., Path]) -> None:
    assert make(str(write())).matte(frame()).presence is None
    sure = make(str(write(presence={"enter": 0.65, "leave": 0.55})))
    assert sure.matte(frame()).presence == (0.65, 0.55)


def test_letterbox_gives_alpha_of_the_frame_alone(write: Callable[..., Path], tiny: Any) -> None:
    box = {"width": 8, "height": 6, "fit": "letterbox", "interpolation": "linear"}
    model = make(str(write(input=box)))
    shown = frame(40, 15)

    alpha = model.matte(shown).alpha

    assert alpha.shape == (3, 8)
    placement = place((40, 15), (8, 6), "letterbox")
    whole = tiny.alpha(fit(shown.image, placement, "linear"))
    np.testing.assert_allclose(alpha, whole[placement.window], atol=1e-6)


def test_a_matte_stays_as_it_is_when_the_next_frame_is_matted(write: Callable[..., Path]) -> None:
    model = make(str(write()))
    first = model.matte(frame(seed=1)).alpha
    kept = first.copy()
    second = model.matte(frame(seed=2)).alpha

    assert (first == kept).all()
    assert (first != second).any()


def test_frames_may_change_size_and_be_read_only(write: Callable[..., Path], tiny: Any) -> None:
    model = make(str(write()))
    for size in ((40, 24), (24, 40), (8, 6), (1, 1), (40, 24)):
        shown = frame(*size)
        shown.image.setflags(write=False)
        fitted = fit(shown.image, place(shown.size, tiny.size, "stretch"), "area")
        np.testing.assert_allclose(model.matte(shown).alpha, tiny.alpha(fitted), atol=1e-6)
    model.reset()


def test_an_id_of_the_zoo_is_fetched_and_loaded(
    tmp_path: Path, model_asset: Any, server: Any
) -> None:
    asset = model_asset(Release(kind="release", url=server.url))
    zoo = Zoo(tmp_path / "cache", listing=Manifest(assets=(asset,)))

    model = plugins.make("edge.matting", "onnx:tiny?threads=2", zoo=zoo)

    assert isinstance(model, Onnx)
    assert model.matte(frame()).alpha.shape == (6, 8)
    assert model.card == zoo.card("tiny")


def test_an_id_that_cannot_be_had_says_what_to_do(tmp_path: Path, model_asset: Any) -> None:
    zoo = Zoo(tmp_path, listing=Manifest(assets=(model_asset(),)))

    with pytest.raises(ModelMissing, match="models fetch tiny"):
        make("tiny", zoo=zoo)


def test_a_network_that_is_not_run_here_is_not_even_fetched(
    tmp_path: Path, model_asset: Any, server: Any
) -> None:
    asset = model_asset(Release(kind="release", url=server.url), network=None)

    with pytest.raises(UnknownName, match="no model that runs here"):
        make("tiny", zoo=Zoo(tmp_path, listing=Manifest(assets=(asset,))))
    assert server.asked == []


@pytest.mark.parametrize(
    ("argument", "says"),
    [
        ("", "wanted a model's id or file, as in onnx:u2netp"),
        ("?threads=2", "wanted a model's id"),
        ("u2netp?threads=two", "threads=two: wanted 1 to 256"),
        ("u2netp?threads=-1", "threads=-1: wanted"),
        ("u2netp?threads=999", "wanted 1 to 256"),
        ("u2netp?threads=", "wanted 1 to 256"),
        ("u2netp?treads=2", "the only option there is is"),
        ("u2netp?threads=2&threads=3", "the only option"),
        ("u3net", "no such model or clip; there are"),
    ],
)
def test_a_malformed_argument_is_refused(tmp_path: Path, argument: str, says: str) -> None:
    with pytest.raises(InputError, match=says.replace("?", r"\?")):
        make(argument, zoo=Zoo(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_missing_file_and_a_missing_card_are_told_apart(
    write: Callable[..., Path], tmp_path: Path
) -> None:
    with pytest.raises(ModelMissing, match=r"none\.onnx: no such file"):
        make(str(tmp_path / "none.onnx"))
    (tmp_path / "bare.onnx").touch()
    with pytest.raises(ModelMissing, match=r"bare\.onnx: no card bare\.json beside it"):
        make(str(tmp_path / "bare.onnx"))
    path = write()
    path.unlink()
    with pytest.raises(ModelMissing, match=r"net\.onnx: no such file"):
        make(str(path))


def test_a_truncated_model_is_refused(write: Callable[..., Path]) -> None:
    path = write()
    path.write_bytes(path.read_bytes()[:-20])

    with pytest.raises(ModelMismatch, match="cut off or another file"):
        make(str(path))


def test_a_model_with_another_checksum_is_refused(write: Callable[..., Path]) -> None:
    path = write(sha256="0" * 64)

    with pytest.raises(ModelMismatch, match=r"its card says 000000000000\.\.\.: damaged"):
        make(str(path))


@pytest.mark.parametrize("data", [b"not a network at all", b"\x00" * 64])
def test_a_corrupt_model_with_a_good_card_is_refused(
    write: Callable[..., Path], data: bytes
) -> None:
    with pytest.raises(ModelMismatch, match="ONNX Runtime cannot load it"):
        make(str(write(data)))


def test_a_model_of_another_size_than_its_card_says_is_refused(
    write: Callable[..., Path],
) -> None:
    other = {"width": 16, "height": 6, "fit": "stretch", "interpolation": "area"}

    with pytest.raises(ModelMismatch, match=r"\[1, 6, 8, 3\].*its card says.*\[1, 6, 16, 3\]"):
        make(str(write(input=other)))


def test_a_published_network_is_refused_as_it_is(write: Callable[..., Path], tiny: Any) -> None:
    with pytest.raises(ModelMismatch, match=r"takes \[\('x', 'tensor\(float\)'"):
        make(str(write(tiny.published)))


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"runtime": "tensorrt"}, "tensorrt"), ({"recurrent": True}, "recurrent onnx")],
)
def test_a_card_of_another_kind_is_refused(
    write: Callable[..., Path], changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(ModelMismatch, match=f"its card says {says}; onnx: runs plain ONNX"):
        make(str(write(**changes)))


def graph(nodes: list[Any], constants: dict[str, Any]) -> bytes:
    """A network of the project's form, (1, 6, 8, 3) uint8 ``rgb`` to ``alpha``."""
    ends = (
        [helper.make_tensor_value_info("rgb", TensorProto.UINT8, [1, 6, 8, 3])],
        [helper.make_tensor_value_info("alpha", TensorProto.FLOAT, [1, 1, 6, 8])],
    )
    tensors = [numpy_helper.from_array(value, name) for name, value in constants.items()]
    model = helper.make_model(
        helper.make_graph(nodes, "g", *ends, tensors),
        opset_imports=[helper.make_opsetid("", 13)],
        ir_version=8,
    )
    onnx.checker.check_model(model)
    data: bytes = model.SerializeToString()
    return data


def test_values_that_are_no_numbers_are_passed_on_for_the_guard_to_see(
    write: Callable[..., Path],
) -> None:
    data = graph(
        [
            helper.make_node("Cast", ["rgb"], ["f"], to=TensorProto.FLOAT),
            helper.make_node("Slice", ["f", "from", "to", "axis"], ["red"]),
            helper.make_node("Transpose", ["red"], ["planes"], perm=[0, 3, 1, 2]),
            helper.make_node("Log", ["planes"], ["logs"]),
            helper.make_node("Mul", ["logs", "zero"], ["alpha"]),
        ],
        {
            "from": np.array([0], np.int64),
            "to": np.array([1], np.int64),
            "axis": np.array([3], np.int64),
            "zero": np.array([0], np.float32),
        },
    )
    black = Frame(np.zeros((6, 8, 3), np.uint8), 0, 0)

    assert np.isnan(make(str(write(data))).matte(black).alpha).all()


def test_a_runtime_that_fails_is_a_model_error_and_the_next_frame_works(
    write: Callable[..., Path],
) -> None:
    """The brightest value picks an entry of a table with 100: above that there is none."""
    data = graph(
        [
            helper.make_node("Cast", ["rgb"], ["f"], to=TensorProto.FLOAT),
            helper.make_node("ReduceMax", ["f"], ["most"], keepdims=0),
            helper.make_node("Cast", ["most"], ["at"], to=TensorProto.INT64),
            helper.make_node("Gather", ["table", "at"], ["value"], axis=0),
            helper.make_node("Mul", ["ones", "value"], ["alpha"]),
        ],
        {
            "table": np.linspace(0, 1, 100, dtype=np.float32),
            "ones": np.ones((1, 1, 6, 8), np.float32),
        },
    )
    model = make(str(write(data)))

    with pytest.raises(ModelError, match="tiny: ONNX Runtime failed"):
        model.matte(Frame(np.full((6, 8, 3), 200, np.uint8), 0, 0))
    dark = model.matte(Frame(np.full((6, 8, 3), 99, np.uint8), 1, 0))
    assert (dark.alpha == 1).all()


def test_a_missing_runtime_is_named_with_the_extra_that_brings_it(
    write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write()
    monkeypatch.setitem(sys.modules, "onnxruntime", None)

    with pytest.raises(ModelError, match=r"pip install 'edge-matting\[cpu\]'"):
        make(str(path))


@pytest.mark.gpu
def test_the_gpu_gives_what_the_cpu_gives(write: Callable[..., Path], tiny: Any) -> None:
    import onnxruntime

    if "CUDAExecutionProvider" not in onnxruntime.get_available_providers():
        pytest.skip("this ONNX Runtime has no CUDA provider: pip install 'edge-matting[gpu]'")
    model = make(str(write()))
    if model.provider != "CUDAExecutionProvider":
        pytest.skip("no CUDA device or libraries: ONNX Runtime went on with the CPU")
    shown = frame(*tiny.size)

    np.testing.assert_allclose(model.matte(shown).alpha, tiny.alpha(shown.image), atol=1e-3)
