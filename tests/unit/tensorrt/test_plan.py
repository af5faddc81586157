"""One code path builds with every TensorRT there is."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from convert.errors import ConversionError, UnsupportedOperation
from convert.tensorrt.options import Tuning
from convert.tensorrt.plan import Recipe, build_plan
from edge.tensorrt.key import Precision
from edge.tensorrt.library import Library, wrap_library
from edge.zoo.card import Card, Licence, ModelInput, Origin
from tests.unit.tensorrt.fake_builder import FakeBuilder, stopped_at
from tests.unit.tensorrt.fake_runtime import VERSIONS

CARD = Card(
    id="test",
    label="Test",
    task="matting",
    runtime="onnx",
    precision="fp32",
    input=ModelInput(width=48, height=32, fit="stretch", interpolation="linear"),
    file="test.onnx",
    sha256="0" * 64,
    size_bytes=1,
    licence=Licence(spdx="Apache-2.0"),
    origin=Origin(source="test"),
)


@pytest.fixture(params=VERSIONS)
def fake(request: pytest.FixtureRequest) -> FakeBuilder:
    return FakeBuilder(request.param)


def library(fake: FakeBuilder) -> Library:
    module = "tensorrt_rtx" if fake.version == "rtx" else "tensorrt"
    return wrap_library(fake.module(), module)


def build(
    fake: FakeBuilder,
    precision: Precision = "fp16",
    tuning: Tuning | None = None,
    timings: bytes = b"",
    stop: threading.Event | None = None,
) -> tuple[bytes, list[float]]:
    told: list[float] = []
    recipe = Recipe(b"graph", CARD, precision, tuning or Tuning(), timings)
    plan, measured = build_plan(library(fake), recipe, told.append, stop or threading.Event())
    assert measured == (b"" if fake.version == "rtx" else b"measured")
    return plan, told


@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
def test_every_version_builds_every_precision(fake: FakeBuilder, precision: Precision) -> None:
    assert build(fake, precision)[0] == b"plan of graph"
    assert fake.strongly_typed is (fake.version != "8.6")


@pytest.mark.parametrize(
    ("precision", "flags"), [("fp32", set()), ("fp16", {"FP16"}), ("int8", {"FP16", "INT8"})]
)
def test_only_8_6_is_told_the_precision_by_flags(precision: Precision, flags: set[str]) -> None:
    old, new = FakeBuilder("8.6"), FakeBuilder("10")
    build(old, precision)
    build(new, precision)
    assert old.flags - {"TF32"} == flags
    assert new.flags - {"TF32"} == set()


def test_fp32_is_true_fp32(fake: FakeBuilder) -> None:
    build(fake, "fp32")
    assert "TF32" not in fake.flags


def test_memory_and_level_are_as_asked(fake: FakeBuilder) -> None:
    build(fake, tuning=Tuning(workspace_mib=64, level=5))
    assert fake.config.pools == {"WORKSPACE": 64 << 20}
    assert fake.config.builder_optimization_level == 5


def test_earlier_timings_are_used_unless_they_are_of_another_gpu(fake: FakeBuilder) -> None:
    build(fake, timings=b"of this GPU")
    kept = fake.config.timings
    build(fake, timings=b"of another GPU")
    wanted = (None, None) if fake.version == "rtx" else (b"of this GPU", b"")
    assert (kept, fake.config.timings) == wanted


def test_an_open_input_is_fixed_to_the_cards_size(fake: FakeBuilder) -> None:
    fake.shape = (1, -1, -1, 3)
    build(fake)
    assert fake.profiles == [{"rgb": ((1, 32, 48, 3),) * 3}]


def test_an_open_input_takes_all_sizes_of_the_card_and_is_tuned_for_the_first(
    fake: FakeBuilder,
) -> None:
    fake.shape = (1, -1, -1, 3)
    several = CARD.input.model_copy(update={"sizes": ((48, 32), (32, 48), (40, 40))})
    card = CARD.model_copy(update={"input": several})
    recipe = Recipe(b"graph", card, "fp16", Tuning(), b"")
    build_plan(library(fake), recipe, lambda _: None, threading.Event())
    assert fake.profiles == [{"rgb": ((1, 32, 32, 3), (1, 32, 48, 3), (1, 48, 48, 3))}]


def test_progress_is_told_where_this_version_tells_it(fake: FakeBuilder) -> None:
    told = build(fake)[1]
    assert told == ([] if fake.version == "8.6" else [0.25, 0.5, 0.75, 1.0, 1.0])


def test_a_build_ends_between_two_steps_when_it_is_stopped() -> None:
    fake, stop, steps = FakeBuilder("10"), threading.Event(), []
    at_one = stopped_at(1, stop)

    def meanwhile(step: int) -> None:
        steps.append(step)
        at_one(step)

    fake.meanwhile = meanwhile
    with pytest.raises(ConversionError):
        build(fake, stop=stop)
    assert steps == [0, 1]


def test_dla_is_used_with_the_gpu_behind_it(fake: FakeBuilder) -> None:
    fake.dla_cores = 2
    build(fake, "fp16", Tuning(dla_core=1))
    assert (fake.config.default_device_type.name, fake.config.DLA_core) == ("DLA", 1)
    by_flags = fake.version in ("8.6", "10")
    assert fake.flags - {"TF32"} == {"GPU_FALLBACK"} | ({"FP16"} if by_flags else set())
    assert fake.strongly_typed is not by_flags


@pytest.mark.parametrize("core", [0, 2])
def test_a_dla_core_that_is_not_there_is_refused(fake: FakeBuilder, core: int) -> None:
    fake.dla_cores = core
    with pytest.raises(ConversionError, match=f"no DLA core {core}: this GPU has {core}"):
        build(fake, "fp16", Tuning(dla_core=core))


def test_dla_computes_no_fp32(fake: FakeBuilder) -> None:
    fake.dla_cores = 1
    with pytest.raises(ConversionError, match="--precision fp16"):
        build(fake, "fp32", Tuning(dla_core=0))


def test_unsupported_operations_are_named(fake: FakeBuilder) -> None:
    words = 'creator && "Plugin not found, are the plugin name, version, and namespace correct?"'
    fake.errors = [("INVALID_NODE", "Mystery", words)] * 2
    fake.says = 'While parsing node number 3 [Mystery -> "logits"]:'
    with pytest.raises(UnsupportedOperation, match="does not know Mystery, which.*newer TensorRT"):
        build(fake)


def test_an_operation_that_is_known_but_not_in_this_form_is_named(fake: FakeBuilder) -> None:
    fake.errors = [("UNSUPPORTED_NODE_ATTR", "Resize", "no cubic Resize")]
    name = "no cubic Resize" if fake.version == "8.6" else "Resize"
    with pytest.raises(UnsupportedOperation, match=f"does not know {name}, which"):
        build(fake)


def test_a_graph_that_is_not_valid_is_refused_with_the_reason(fake: FakeBuilder) -> None:
    fake.errors = [("INVALID_GRAPH", "", "a cycle at Conv_7")]
    with pytest.raises(ConversionError, match="cannot read test.onnx: a cycle at Conv_7"):
        build(fake)


def test_a_graph_with_other_ends_is_refused(fake: FakeBuilder) -> None:
    recipe = Recipe(b"", CARD.model_copy(update={"output": "mask"}), "fp16", Tuning())
    with pytest.raises(ConversionError, match=r"gives \['alpha'\]; its card says .*\['mask'\]"):
        build_plan(library(fake), recipe, lambda done: None, threading.Event())


def test_a_build_that_fails_says_what_tensorrt_said(fake: FakeBuilder) -> None:
    fake.refuses = "Could not find any implementation for node Conv_3"
    with pytest.raises(ConversionError, match="cannot build test: Could not find any impl.*Conv_3"):
        build(fake)


def test_a_builder_that_is_not_had_is_told(fake: FakeBuilder) -> None:
    fake.no_builder = True
    with pytest.raises(ConversionError, match="no builder here"):
        build(fake)


def test_flags_on_a_strongly_typed_network_would_be_refused() -> None:
    """The fake is as strict as TensorRT: what the test above relies on."""
    fake = FakeBuilder("10")
    made: Any = fake.module().Builder(wrap_library(fake.module(), "tensorrt").logger)
    network = made.create_network(0b11)
    config = made.create_builder_config()
    config.set_flag(fake.module().BuilderFlag["FP16"])
    assert made.build_serialized_network(network, config) is None
