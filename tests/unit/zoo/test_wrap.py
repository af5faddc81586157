from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from edge.errors import ModelError, ModelMismatch, ModelMissing
from edge.zoo import Zoo, default_cache
from edge.zoo.assets import manifest
from edge.zoo.fetching import fetch
from edge.zoo.wrapping import Recipe, step, wrap


def run(model: bytes, rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    alpha: NDArray[np.float32] = session.run(["alpha"], {"rgb": rgb[None]})[0]
    return alpha


def noise(width: int, height: int) -> NDArray[np.uint8]:
    return np.random.default_rng(3).integers(0, 256, (height, width, 3), dtype=np.uint8)


def test_uint8_rgb_in_gives_the_published_networks_alpha(tiny: Any) -> None:
    image = noise(*tiny.size)

    alpha = run(wrap(tiny.published, tiny.recipe, tiny.size), image)

    assert alpha.shape == (1, 1, tiny.size[1], tiny.size[0])
    assert alpha.dtype == np.float32
    np.testing.assert_allclose(alpha[0, 0], tiny.alpha(image), atol=1e-6)


def test_a_dark_picture_is_not_brightened_nor_a_flat_matte_stretched(tiny: Any) -> None:
    model = wrap(tiny.published, tiny.recipe, tiny.size)
    for level in (0, 3, 255):
        flat = np.full((tiny.size[1], tiny.size[0], 3), level, np.uint8)
        np.testing.assert_allclose(run(model, flat)[0, 0], tiny.alpha(flat), atol=1e-6)


def test_only_what_alpha_needs_is_kept(tiny: Any) -> None:
    graph = onnx.load_from_string(wrap(tiny.published, tiny.recipe, tiny.size)).graph

    assert [value.name for value in graph.input] == ["rgb"]
    assert [value.name for value in graph.output] == ["alpha"]
    kinds = [node.op_type for node in graph.node]
    assert kinds == ["Cast", "Transpose", "Mul", "Add", "Conv", "Sigmoid"]
    assert sorted(tensor.name for tensor in graph.initializer) == ["rgb_offset", "rgb_scale", "w"]


def test_the_same_network_gives_the_same_bytes(tiny: Any) -> None:
    first = wrap(tiny.published, tiny.recipe, tiny.size)

    assert wrap(tiny.published, tiny.recipe, tiny.size) == first
    assert wrap(tiny.published, tiny.recipe, (16, 6)) != first


def test_a_step_is_named_by_all_it_depends_on(tiny: Any) -> None:
    other = tiny.recipe.model_copy(update={"std": (1.0, 1.0, 1.0)})
    names = {
        step(tiny.recipe, (8, 6)),
        step(tiny.recipe, (8, 8)),
        step(other, (8, 6)),
    }

    assert len(names) == 3
    assert step(tiny.recipe, (8, 6)) in names


def test_a_branch_inside_the_network_keeps_what_it_reads_from_outside() -> None:
    """The branches of an If read tensors of the graph around them, by names that change."""
    floats, shape = TensorProto.FLOAT, [1, 1, 2, 2]
    inside = helper.make_tensor_value_info("y", floats, shape)
    branches = [
        helper.make_graph([helper.make_node(kind, ["rgb"], ["y"])], kind, [], [inside])
        for kind in ("Sigmoid", "Neg")
    ]
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["rgb"], axes=[1], keepdims=1),
        helper.make_node("If", ["yes"], ["out"], then_branch=branches[0], else_branch=branches[1]),
    ]
    graph = helper.make_graph(
        nodes,
        "branch",
        [helper.make_tensor_value_info("x", floats, [1, 3, 2, 2])],
        [helper.make_tensor_value_info("out", floats, shape)],
        [numpy_helper.from_array(np.array(True), "yes")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    recipe = Recipe(input="x", output="out", mean=(0, 0, 0), std=(1, 1, 1))

    alpha = run(wrap(model.SerializeToString(), recipe, (2, 2)), np.full((2, 2, 3), 2, np.uint8))

    np.testing.assert_allclose(alpha, 1 / (1 + np.exp(-2.0)), atol=1e-6)


@pytest.mark.parametrize("data", [b"", b"not a network", b"\x08\x08" * 40])
def test_what_is_no_network_is_refused(data: bytes, tiny: Any) -> None:
    with pytest.raises(ModelMismatch, match="not a valid ONNX file"):
        wrap(data, tiny.recipe, tiny.size)


def test_a_truncated_network_is_refused(tiny: Any) -> None:
    with pytest.raises(ModelMismatch):
        wrap(tiny.published[: len(tiny.published) // 2], tiny.recipe, tiny.size)


def test_another_network_than_the_recipes_is_refused_by_both_sides_names(tiny: Any) -> None:
    for change in ({"input": "src"}, {"output": "pha"}):
        recipe = tiny.recipe.model_copy(update=change)
        with pytest.raises(ModelMismatch, match=r"\['x'\] and outputs \['d0', 'd1'\]; wanted"):
            wrap(tiny.published, recipe, tiny.size)


def test_a_missing_onnx_package_is_named(tiny: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ModelError, match="pip install onnx"):
        wrap(tiny.published, tiny.recipe, tiny.size)


@pytest.mark.slow
def test_on_a_real_picture_it_gives_what_the_published_network_gives(
    shared_data: Path, tmp_path: Path
) -> None:
    asset = manifest().by_id()["u2netp"]
    assert asset.network is not None
    recipe, size = asset.network.recipe, asset.network.input.size
    try:
        published = fetch(asset, None, tmp_path, lambda done, total: None).read_bytes()
    except ModelMissing as error:
        pytest.skip(f"no package index or release server within reach: {error}")
    picture = sorted((shared_data / "public_test" / "image").glob("*.jpg"))[0]
    rgb = cv2.resize(cv2.cvtColor(cv2.imread(str(picture)), cv2.COLOR_BGR2RGB), size)
    floats = ((rgb - np.array(recipe.mean)) / np.array(recipe.std)).astype(np.float32)
    session = onnxruntime.InferenceSession(published, providers=["CPUExecutionProvider"])
    (wanted,) = session.run([recipe.output], {recipe.input: floats.transpose(2, 0, 1)[None]})

    alpha = run(wrap(published, recipe, size), rgb)

    assert np.ptp(alpha) > 0.5  # there is someone to see
    np.testing.assert_allclose(alpha, wanted, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("model_id", ["u2netp", "modnet"])
def test_a_real_model_gives_a_man_and_spares_the_wall(model_id: str, shared_data: Path) -> None:
    """On a real picture the wrapped file agrees with true alpha as well as its card says."""
    zoo = Zoo(default_cache())
    if not zoo.installed(model_id):
        pytest.skip(f"{model_id} is not here: python -m edge models fetch {model_id}")
    size = manifest().by_id()[model_id].network.input.size  # type: ignore[union-attr]
    folder = shared_data / "public_test"
    errors = []
    for path in sorted((folder / "image").glob("*.jpg"))[:4]:
        bgr = cv2.imread(str(path))
        true = cv2.imread(str(folder / "alpha" / f"{path.stem}.png"), cv2.IMREAD_GRAYSCALE) / 255
        rgb = cv2.resize(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), size)
        alpha = run(zoo.path(model_id).read_bytes(), rgb)[0, 0]
        errors.append(np.abs(alpha - cv2.resize(true, size)).mean())

    assert np.mean(errors) < 0.08
