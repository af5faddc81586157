from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import ModelProto, numpy_helper

from convert import weights
from convert.errors import ConversionError, ParityError, UnsupportedOperation
from convert.export import export
from convert.graph import serialise
from convert.networks import make
from convert.pictures import load
from convert.quantise import CPU, TENSORRT, Scheme, quantise
from convert.quantise.observe import Seen, observe
from convert.quantise.plan import plan
from convert.quantise.rounding import Steps, choose_steps, correct_bias, round_weights
from convert.session import session
from edge.parity import difference, fault, together
from edge.zoo.card import ModelInput
from tests.unit.convert.graphs import CHANNELS, graph, pictures

FINE = Steps(np.float32(0.01), 0)


def constant(model: ModelProto, name: str) -> np.ndarray:
    return next(numpy_helper.to_array(t) for t in model.graph.initializer if t.name == name)


def without_correction(made: ModelProto, model: ModelProto) -> ModelProto:
    """The int8 graph, with the biases of ``model`` put back."""
    plain = ModelProto()
    plain.CopyFrom(made)
    for tensor in plain.graph.initializer:
        if tensor.name.endswith(".weight_bias"):
            bias = constant(model, tensor.name.replace(".weight_bias", ".bias"))
            tensor.CopyFrom(numpy_helper.from_array(bias, tensor.name))
    return plain


@pytest.mark.parametrize(
    ("scheme", "goal", "integers"),
    [
        # The side map's own steps are 0.2 of its logits here: alone they move alpha by 0.007.
        pytest.param(CPU, 0.012, ("first", "inner", "deep", "last", "side"), id="cpu"),
        pytest.param(TENSORRT, 0.01, ("inner", "deep", "last"), id="tensorrt"),
    ],
)
def test_a_dead_channel_that_serves_as_bias_keeps_the_matte(
    scheme: Scheme, goal: float, integers: tuple[str, ...]
) -> None:
    """Its weights are zero: runtimes take its bias for int32, and it must fit."""
    made = quantise(graph(steady=8.0), pictures(12), scheme, goal=goal)
    assert made.integers == integers


@pytest.mark.slow
def test_u2netp_keeps_its_matte_and_only_for_the_corrected_biases(
    published: Path, shared_data: Path
) -> None:
    network = make("u2netp")
    weights.load(network, published)
    model = export(network, (320, 320))
    given = ModelInput(width=320, height=320, fit="stretch", interpolation="linear")
    made = quantise(model, load(shared_data / "train_open" / "images", 32).fitted(given))
    assert not made.floats
    judges = load(shared_data / "public_test" / "image", 12).fitted(given)
    runs = [
        session(serialise(m)) for m in (model, made.model, without_correction(made.model, model))
    ]
    fp32, int8, plain = ([run.alpha(picture) for picture in judges] for run in runs)
    kept = together([difference(*pair) for pair in zip(int8, fp32, strict=True)])
    ruined = together([difference(*pair) for pair in zip(plain, fp32, strict=True)])
    assert fault(kept, "int8") is None
    assert ruined.mean > 5 * kept.mean
    assert fault(ruined, "int8") is not None


def test_cpus_get_integers_from_the_picture_to_the_side_map() -> None:
    made = quantise(graph(), pictures())
    assert made.integers == ("first", "inner", "deep", "last", "side")
    assert not made.floats
    assert made.judged == 2


def test_the_picture_keeps_its_256_levels() -> None:
    made = quantise(graph(), pictures()).model
    # The graph's own pre-processing has steps of 1/60; noise and blobs leave no level unused.
    assert constant(made, "normalised_scale") == pytest.approx(1 / 60, rel=0.01)


def test_onnx_runtime_leaves_no_convolution_in_float(tmp_path: Path) -> None:
    """It takes one for an integer one only where its input, weight and output all are."""
    import onnx
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimised.onnx")
    options.log_severity_level = 3  # it warns that such a file is for this machine alone
    made = quantise(graph(), pictures()).model
    ort.InferenceSession(serialise(made), options, providers=["CPUExecutionProvider"])
    kinds = [node.op_type for node in onnx.load(tmp_path / "optimised.onnx").graph.node]
    assert kinds.count("QLinearConv") == 5
    assert not {"Conv", "FusedConv"} & set(kinds)


def test_on_tensorrt_the_ends_stay_float_and_say_so() -> None:
    assert quantise(graph(), pictures(), TENSORRT).floats == ("first", "side")


def test_cpus_get_integers_through_pooling_resizing_joining_and_adding() -> None:
    carried = plan(graph().graph, CPU).tensors
    assert list(carried) == [
        *("normalised", "first_relu", "inner_relu", "small", "deep_relu", "large", "joined"),
        *("last_relu", "summed", "side"),
    ]
    assert carried["small"] == "inner_relu"  # what pools or resizes keeps its input's range
    assert carried["large"] == "deep_relu"


def test_tensorrt_gets_them_only_before_convolutions_and_around_zero() -> None:
    model = graph()
    assert list(plan(model.graph, TENSORRT).tensors) == ["first_relu", "small", "joined"]
    made = quantise(model, pictures(), TENSORRT).model
    zeros = [t for t in made.graph.initializer if t.name.endswith("_zero")]
    assert zeros
    assert all(t.data_type == t.INT8 and not numpy_helper.to_array(t).any() for t in zeros)


def test_same_pictures_same_bytes() -> None:
    first = quantise(graph(), pictures()).model
    assert serialise(quantise(graph(), pictures()).model) == serialise(first)


def test_the_given_graph_stays_as_it_was() -> None:
    model = graph()
    before = serialise(model)
    quantise(model, pictures())
    assert serialise(model) == before


def test_what_misses_the_goal_keeps_the_lossiest_convolutions_in_float() -> None:
    model, shown = graph(), pictures()
    whole = quantise(model, shown)
    made = quantise(model, shown, goal=whole.overall.mean * 0.99)
    assert len(made.floats) > len(whole.floats)
    assert made.overall.mean < whole.overall.mean


def test_a_goal_that_cannot_be_reached_says_how_far() -> None:
    with pytest.raises(ParityError, match="use fp16 or bf16") as raised:
        quantise(graph(), pictures(), goal=1e-9)
    assert raised.value.found > raised.value.limit == 1e-9


def test_too_few_pictures_are_refused() -> None:
    with pytest.raises(ConversionError, match="3 pictures; wanted 4 or more"):
        quantise(graph(), pictures(3))


def test_a_quantised_graph_is_refused() -> None:
    made = quantise(graph(), pictures()).model
    with pytest.raises(UnsupportedOperation, match="quantised already"):
        quantise(made, pictures())


def test_a_graph_without_convolutions_between_relus_is_refused() -> None:
    model = graph()
    for node in model.graph.node:
        if node.op_type == "Relu":
            node.op_type = "Tanh"
    with pytest.raises(UnsupportedOperation, match="nothing to compute in int8"):
        quantise(model, pictures(), TENSORRT)


def test_values_that_are_not_finite_are_named() -> None:
    model = graph()
    bias = next(t for t in model.graph.initializer if t.name == "deep.bias")
    bias.CopyFrom(numpy_helper.from_array(np.full(CHANNELS, np.inf, np.float32), "deep.bias"))
    with pytest.raises(ConversionError, match="deep_relu is not finite"):
        observe(model, ["deep_relu"], pictures(1))


def test_pictures_of_another_size_are_told_as_ours() -> None:
    with pytest.raises(ConversionError, match="cannot run the graph"):
        observe(graph(), ["inner_relu"], [np.zeros((1, 8, 8, 3), np.uint8)])


def seen(values: np.ndarray) -> Seen:
    one = Seen()
    one.see(values.astype(np.float32), np.random.default_rng(0))
    return one


def test_a_lone_outlier_does_not_widen_the_range() -> None:
    values = np.random.default_rng(1).uniform(0, 1, (1, 4, 64, 64))
    values[0, 0, 0, 0] = 1000
    one = seen(values)
    one.high = 4.0  # the outlier itself may be among the samples or not
    assert choose_steps(one, CPU).scale * 255 < 2


@pytest.mark.parametrize("scheme", [CPU, TENSORRT], ids=lambda scheme: scheme.name)
def test_zero_is_a_step_and_an_all_zero_tensor_has_a_scale(scheme: Scheme) -> None:
    steps = choose_steps(seen(np.zeros((1, 2, 4, 4))), scheme)
    assert steps.scale > 0
    signed = choose_steps(seen(np.random.default_rng(2).normal(0, 1, (1, 2, 9, 9))), CPU)
    assert 100 < signed.zero_point < 160


def test_rounding_and_its_error_make_the_weight_again() -> None:
    weight = np.random.default_rng(3).normal(0, 1, (6, 4, 3, 3)).astype(np.float32)
    weight[2] = 0
    rounded = round_weights(weight, np.zeros(6, np.float32), FINE)
    again = rounded.values * rounded.scales[:, None, None, None].astype(np.float64) + rounded.error
    assert np.allclose(again, weight, atol=1e-12)
    assert np.abs(rounded.values).max() == 127


def test_a_bias_fits_int32_where_weights_are_next_to_nothing() -> None:
    weight = np.full((2, 1, 3, 3), 1e-12, np.float32)
    bias = np.array([300, 0], np.float32)
    rounded = round_weights(weight, bias, FINE)
    steps = bias.astype(np.float64) / (rounded.scales.astype(np.float64) * 0.01)
    assert np.abs(steps).max() < 2**31


@pytest.mark.parametrize("groups", [1, 2, 4])
def test_the_corrected_bias_keeps_the_mean_of_each_output(groups: int) -> None:
    draw = np.random.default_rng(4)
    weight = draw.normal(0, 1, (8, 8 // groups, 1, 1)).astype(np.float32)
    bias, inputs = draw.normal(0, 1, 8).astype(np.float32), draw.uniform(0, 50, 8)
    rounded = round_weights(weight, bias, FINE)

    def output(kernel: np.ndarray, offset: np.ndarray) -> np.ndarray:
        each = inputs.reshape(groups, -1).repeat(8 // groups, axis=0)
        total: np.ndarray = (kernel[:, :, 0, 0] * each).sum(1) + offset
        return total

    integers = rounded.values * rounded.scales[:, None, None, None].astype(np.float64)
    corrected = output(integers, correct_bias(bias, rounded, inputs))
    assert np.allclose(corrected, output(weight.astype(np.float64), bias), atol=1e-4)
    assert not np.allclose(output(integers, bias), corrected, atol=1e-3)


def test_tensorrt_builds_a_plan_of_what_is_made_for_it() -> None:
    trt = pytest.importorskip("tensorrt_rtx", reason="pip install tensorrt-rtx: no GPU needed")
    made = quantise(graph(), pictures(), TENSORRT).model
    logger = trt.Logger(trt.Logger.ERROR)
    builder = trt.Builder(logger)
    network = builder.create_network(0)
    parser = trt.OnnxParser(network, logger)
    assert parser.parse(serialise(made)), parser.get_error(0).desc()
    assert builder.build_serialized_network(network, builder.create_builder_config()) is not None
