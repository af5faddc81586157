"""A recurrent network keeps its memory, its ratio and its foreground when it is wrapped."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto

from edge.errors import ModelMismatch
from edge.zoo.memory import Memory, State
from edge.zoo.wrapping import step, wrap
from tests.unit.zoo.recurrent import MEMORY, RECIPE, Expected, published

LARGEST = (64, 64)
NOTHING = np.zeros((1, 1, 1, 1), np.float32)


def test_bytes_go_in_and_alpha_foreground_and_memory_come_out() -> None:
    model = wrap(published(), RECIPE, LARGEST)
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    image = np.random.default_rng(3).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    feed = {
        "rgb": image[None],
        "r1i": NOTHING,
        "r2i": NOTHING,
        "downsample_ratio": np.array([0.5], np.float32),
    }
    alpha, foreground, grey, count = session.run(["alpha", "foreground", "r1o", "r2o"], feed)
    np.testing.assert_allclose(alpha[0, 0], Expected().alpha(image, 0.5), atol=1e-6)
    assert foreground.dtype == np.uint8
    assert (foreground == 255 - image).all()  # to the last bit: rounded, not cut
    assert grey.shape == (1, 1, 6, 8)
    assert count.item() == 1


def test_its_size_stays_open_and_what_nobody_reads_goes() -> None:
    graph = onnx.load_from_string(wrap(published(), RECIPE, LARGEST)).graph
    assert [end.name for end in graph.input] == ["rgb", "r1i", "r2i", "downsample_ratio"]
    assert [end.name for end in graph.output] == ["alpha", "foreground", "r1o", "r2o"]
    assert graph.input[0].type.tensor_type.elem_type == TensorProto.UINT8
    sides = [side.dim_param or side.dim_value for side in graph.input[0].type.tensor_type.shape.dim]
    assert sides == [1, "height", "width", 3]
    assert "Identity" not in [node.op_type for node in graph.node]  # led to the side output alone


def test_the_same_network_gives_the_same_bytes() -> None:
    assert wrap(published(), RECIPE, LARGEST) == wrap(published(), RECIPE, LARGEST)


def test_one_that_remembers_something_else_is_refused() -> None:
    third = State(input="r3i", output="r3o")
    more = MEMORY.model_copy(update={"states": (*MEMORY.states, third)})
    for memory in (None, more):
        with pytest.raises(ModelMismatch, match=r"has inputs .*'r1i'.*; wanted the inputs \['src'"):
            wrap(published(), RECIPE.model_copy(update={"memory": memory}), LARGEST)


def test_a_memory_changes_the_steps_name_and_none_leaves_it() -> None:
    without = RECIPE.model_copy(update={"memory": None})
    assert step(RECIPE, LARGEST) != step(without, LARGEST)
    known = '{"input":"src","output":"pha","mean":[0.0,0.0,0.0],"std":[255.0,255.0,255.0]}'
    assert without.model_dump_json(exclude_defaults=True) == known  # as before there was any memory


@pytest.mark.parametrize(
    ("size", "ratio"), [((1280, 720), 0.4), ((720, 1280), 0.4), ((512, 288), 1), ((64, 48), 1)]
)
def test_the_ratio_brings_the_long_side_down_to_the_inner_one(
    size: tuple[int, int], ratio: float
) -> None:
    memory = Memory(states=MEMORY.states, inner=512)
    assert memory.downsample(*size) == pytest.approx(ratio)
