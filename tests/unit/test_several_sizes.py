"""One file for several input sizes: each frame is matted at the one that squeezes it least."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from pydantic import ValidationError

from edge import plugins
from edge.errors import ModelMismatch
from edge.fit import fit, place
from edge.frame import Frame
from edge.matting import onnx as kind
from edge.matting._sizes import BySize
from edge.zoo import Zoo
from edge.zoo.card import ModelInput
from tests.unit.convert.graphs import graph, put

WIDE, TALL, SQUARE = (48, 32), (32, 48), (40, 40)
SEVERAL = ModelInput(
    width=48, height=32, sizes=(WIDE, TALL, SQUARE), fit="stretch", interpolation="linear"
)
KINDS = [
    "onnx",
    pytest.param(
        "openvino",
        marks=pytest.mark.skipif(
            find_spec("openvino") is None,
            reason="OpenVINO is not installed: pip install 'edge-matting[openvino]'",
        ),
    ),
]


def frame(width: int, height: int, seed: int = 0) -> Frame:
    image = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return Frame(image, seed, 0)


def opened(model: onnx.ModelProto) -> onnx.ModelProto:
    """With height and width left open, as ``convert.export`` leaves them."""
    del model.graph.value_info[:]
    for end, first in ((model.graph.input[0], 1), (model.graph.output[0], 2)):
        for axis, name in ((first, "height"), (first + 1, "width")):
            end.type.tensor_type.shape.dim[axis].dim_param = name
    return model


@pytest.fixture
def several(tmp_path: Path) -> Path:
    return put(tmp_path, opened(graph()), input=SEVERAL)


@pytest.mark.parametrize(
    ("shown", "size"),
    [
        ((1280, 720), WIDE),
        ((640, 480), WIDE),
        ((720, 1280), TALL),
        ((480, 640), TALL),
        ((500, 500), SQUARE),
        ((512, 482), SQUARE),
        ((1, 4000), TALL),
    ],
)
def test_the_size_that_is_nearest_in_aspect_is_taken(
    shown: tuple[int, int], size: tuple[int, int]
) -> None:
    assert SEVERAL.nearest(shown) == size


def test_a_card_of_one_size_takes_that_for_every_frame() -> None:
    one = SEVERAL.at(TALL)
    assert one.choices == (TALL,)
    assert one.nearest((1280, 720)) == TALL


@pytest.mark.parametrize(
    "changes", [{"sizes": (TALL, SQUARE)}, {"fit": "within"}, {"sizes": ((48, 32), (0, 9))}]
)
def test_a_card_whose_sizes_make_no_sense_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ModelInput.model_validate({**SEVERAL.model_dump(), **changes})


@pytest.mark.parametrize("scheme", KINDS)
def test_each_frame_is_matted_as_by_a_file_of_that_size(
    scheme: str, several: Path, tmp_path: Path
) -> None:
    zoo = Zoo(tmp_path / "cache")
    model = plugins.make("edge.matting", f"{scheme}:{several}", zoo=zoo)
    for shown, size in (
        (frame(96, 54), WIDE),
        (frame(54, 96, 1), TALL),
        (frame(96, 54, 2), WIDE),
        (frame(50, 50, 3), SQUARE),
        (frame(30, 60, 4), TALL),
    ):
        alpha = model.matte(shown).alpha
        assert alpha.shape == (size[1], size[0])
        assert np.allclose(alpha, wanted(several, shown, size), atol=1e-4)


def wanted(path: Path, shown: Frame, size: tuple[int, int]) -> Any:
    """By the runtime itself, at the open size."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path))
    picture = fit(shown.image, place(shown.size, size, "stretch"), "linear")[None]
    return session.run(["alpha"], {"rgb": picture})[0][0, 0]


def test_a_file_of_one_size_whose_card_claims_more_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, graph(), input=SEVERAL)
    with pytest.raises(ModelMismatch, match="the graph takes"):
        kind.make(str(path)).matte(frame(32, 48))


def test_an_open_graph_needs_a_card_that_says_so(tmp_path: Path) -> None:
    path = put(tmp_path, opened(graph()))
    with pytest.raises(ModelMismatch, match="height"):
        kind.make(str(path))


def test_only_sizes_that_are_met_are_loaded() -> None:
    loaded: list[tuple[int, int]] = []

    def load(size: tuple[int, int]) -> tuple[int, int]:
        loaded.append(size)
        return size

    sizes = BySize(SEVERAL, load)
    assert sizes.first == WIDE
    for shown in (frame(64, 36), frame(1280, 720), frame(640, 480)):
        assert sizes.draw(shown).runner == WIDE
    assert loaded == [WIDE]
    for _ in range(2):  # a phone that is turned and turned back
        assert sizes.choose((36, 64)).runner == TALL
        assert sizes.choose((64, 36)).runner == WIDE
    assert loaded == [WIDE, TALL]


def test_a_size_that_fails_to_load_is_tried_again() -> None:
    fails = [True]

    def load(size: tuple[int, int]) -> tuple[int, int]:
        if size == TALL and fails:
            raise ModelMismatch("no memory")
        return size

    sizes = BySize(SEVERAL, load)
    with pytest.raises(ModelMismatch):
        sizes.choose((36, 64))
    fails.clear()
    assert sizes.choose((36, 64)).runner == TALL
