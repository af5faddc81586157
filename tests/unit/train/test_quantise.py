"""Tuning for int8: what is tuned is what runs, and it comes nearer to fp32."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from convert.errors import UnsupportedOperation
from convert.export import export
from convert.graph import serialise
from convert.networks import Network
from convert.networks.rsu import ConvBlock, enlarge, halve
from convert.quantise import CPU, SCHEMES, TENSORRT, Scheme
from convert.quantise.rounding import Steps, round_weights
from convert.session import session
from edge.matting.onnx import make as make_model
from edge.zoo.card_file import read_card
from tests.unit.convert.graphs import graph, pictures
from tests.unit.convert.tiny import settled
from train.__main__ import main
from train.errors import Diverged
from train.quantise import work
from train.quantise.fake import Activation, fake_weight
from train.quantise.graph import Graph
from train.quantise.start import Ready, ready
from train.quantise.tune import Settings, alphas, apart, tune

BOTH = pytest.mark.parametrize("scheme", [CPU, TENSORRT], ids=lambda scheme: scheme.name)
CPU_DEVICE = torch.device("cpu")


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """The networks are small, and the machine may be shared."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def batches(count: int, size: int = 8) -> Iterator[Tensor]:
    for step in range(count):
        yield torch.from_numpy(np.concatenate(pictures(size, seed=100 + step)))


def dim(shown: list[np.ndarray]) -> list[np.ndarray]:
    """The same in little light: ranges seen on them are too narrow."""
    return [picture // 2 for picture in shown]


def runs(model: object, shown: list[np.ndarray]) -> list[np.ndarray]:
    running = session(serialise(model))
    return [running.alpha(picture) for picture in shown]


def test_the_module_gives_what_the_graph_gives() -> None:
    model, shown = graph(), pictures(3)
    assert apart(alphas(Graph(model), shown), runs(model, shown)).largest < 1e-5


@BOTH
def test_the_tuned_module_is_the_int8_graph_that_is_written(scheme: Scheme) -> None:
    start = ready(graph(), pictures(8), scheme)
    tune(
        start, batches(5), pictures(4), Settings(steps=5, learning_rate=1e-2, warm_up=0), CPU_DEVICE
    )
    shown = pictures(4, seed=9)
    found = apart(alphas(start.graph, shown), runs(start.written(), shown))
    rounding = apart(runs(start.written(), shown), runs(graph(), shown))
    # Not to the bit: a value half way between two integers may go either way, and a step of the
    # side map moves an edge by 0.01.
    assert found.mean < 1e-3
    assert found.mean < 0.3 * rounding.mean


@BOTH
def test_tuning_brings_int8_nearer_to_fp32(scheme: Scheme) -> None:
    """Calibrated on dim pictures only, it cuts off what bright ones hold."""
    model, judges = graph(), pictures(8, seed=77)
    start = ready(model, dim(pictures(8)), scheme)
    wanted = runs(model, judges)
    before = apart(runs(start.written(), judges), wanted)
    done = tune(start, batches(80, 4), pictures(8, seed=3), Settings(80, None, 1e-2, 5), CPU_DEVICE)
    after = apart(runs(start.written(), judges), wanted)
    assert done == 80
    assert after.mean < 0.8 * before.mean


def test_what_was_learnt_is_what_is_written() -> None:
    start = ready(graph(), dim(pictures(8)), CPU)
    observed = start.graph.steps()
    tune(start, batches(30), pictures(4), Settings(30, None, 1e-2, 0), CPU_DEVICE)
    learnt = start.graph.steps()
    assert learnt["joined"].scale != observed["joined"].scale
    assert learnt["large"] == learnt["deep_relu"]  # what resizes keeps its input's range
    written = {t.name: t for t in start.written().graph.initializer}
    for name, steps in learnt.items():
        assert np.frombuffer(written[f"{name}_scale"].raw_data, np.float32)[0] == steps.scale


def test_what_stays_float_stays_as_it_was() -> None:
    start = ready(graph(), dim(pictures(8)), TENSORRT)
    tune(start, batches(10), pictures(4), Settings(10, None, 1e-2, 0), CPU_DEVICE)
    written, given = (
        next(numpy_helper.to_array(t) for t in model.graph.initializer if t.name == "side.weight")
        for model in (start.written(), graph())
    )
    assert np.array_equal(written, given)


def test_tuning_that_only_does_harm_leaves_the_start() -> None:
    start = ready(graph(), pictures(8), CPU)
    before = serialise(start.written())
    assert tune(start, batches(6), pictures(4), Settings(6, None, 3.0, 0), CPU_DEVICE) == 6
    assert serialise(start.written()) == before


def test_weights_are_rounded_as_the_converter_rounds_them() -> None:
    draw = np.random.default_rng(3)
    weight = draw.normal(0, 0.1, (5, 3, 3, 3)).astype(np.float32)
    weight[2] = 0  # a dead channel, whose bias must still fit into int32
    bias = np.array([0.1, -2, 8, 0, 1], np.float32)
    inputs = Steps(np.float32(0.013), 0)
    wanted = round_weights(weight, bias, inputs)
    found = fake_weight(torch.from_numpy(weight), torch.from_numpy(bias), torch.tensor([0.013]))
    rounded = wanted.values * wanted.scales[:, None, None, None]
    assert np.allclose(found.numpy(), rounded, atol=1e-7)


@BOTH
def test_activations_are_cut_off_and_pass_gradients_inside(scheme: Scheme) -> None:
    rounding = Activation(Steps(np.float32(0.1), 0), scheme)
    x = torch.tensor([[0.04, 0.26, 1.0, 99.0]], requires_grad=True)
    made = rounding(x)
    assert torch.allclose(made, torch.tensor([[0.0, 0.3, 1.0, 0.1 * scheme.steps]]))
    torch.autograd.backward(made.sum())
    assert x.grad is not None
    assert x.grad.tolist() == [[1, 1, 1, 0]]
    assert rounding.widened.grad is not None
    assert rounding.widened.grad.item() != 0


def test_a_graph_that_cannot_be_tuned_says_why() -> None:
    with pytest.raises(UnsupportedOperation, match="quantised already"):
        ready(ready(graph(), pictures(4), CPU).written(), pictures(4), CPU)
    model = graph()
    next(node for node in model.graph.node if node.op_type == "Add").op_type = "Sub"
    with pytest.raises(UnsupportedOperation, match="Sub: cannot be tuned; known are Conv, Add"):
        Graph(model)


def test_a_rate_that_is_far_too_high_stops_it() -> None:
    start = ready(graph(), pictures(4), CPU)
    with pytest.raises(Diverged, match="lower the learning rate"):
        tune(start, batches(30), pictures(1), Settings(30, None, 1e30, 0), CPU_DEVICE)


def test_it_ends_after_the_minutes_given() -> None:
    start = ready(graph(), pictures(4), CPU)
    assert tune(start, batches(100), pictures(1), Settings(100, 1e-9), CPU_DEVICE) == 0


class Small(Network):
    """Enough convolutions between ReLUs to have something in int8."""

    name = "small"
    multiple = 4

    def __init__(self) -> None:
        super().__init__()
        self.first, self.inner, self.last = ConvBlock(3, 8), ConvBlock(8, 8), ConvBlock(16, 8)
        self.side = nn.Conv2d(8, 1, 3, padding=1)

    def logits(self, normalised: Tensor) -> list[Tensor]:
        features = self.first(nn.functional.pixel_unshuffle(normalised, 1))
        deep = enlarge(self.inner(halve(features)))
        return [self.side(self.last(torch.cat((deep, features), 1)))]


def small() -> Small:
    network = Small()
    settled(network)
    return network


def test_one_graph_for_several_sizes_is_tuned_at_all_of_them() -> None:
    model = export(small(), (32, 16), dynamic=True)
    draw = np.random.default_rng(0)
    shown = [draw.integers(0, 256, (1, *hw, 3), np.uint8) for hw in ((16, 32), (32, 16)) * 4]
    start: Ready = ready(model, shown, CPU)
    given = (torch.from_numpy(picture) for picture in shown)
    tune(start, given, shown, Settings(8, None, 1e-3, 0), CPU_DEVICE)
    assert apart(alphas(start.graph, shown), runs(start.written(), shown)).mean < 1e-3


@pytest.mark.slow
def test_the_command_leaves_a_model_that_the_service_runs(
    people: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(work, "make", lambda name: Small())
    torch.save(small().state_dict(), tmp_path / "small.pth")
    given = (
        f"quantise --model small --weights {tmp_path / 'small.pth'} --data {people} --size 32x64"
    )
    more = f" --steps 12 --rate 1e-3 --batch 4 --output {tmp_path / 'out'} --cache {tmp_path}"
    assert main((given + more).split()) == 0
    said = capsys.readouterr().out
    assert "calibrated: mean difference to fp32" in said
    assert "4 of 4 convolutions in int8" in said
    path = tmp_path / "out" / "small-32x64-int8.onnx"
    card = read_card(path, "")
    assert card.quantised is not None
    assert card.quantised.floats == ()
    assert card.fidelity is not None
    assert card.fidelity.mean < 0.01
    assert make_model(str(path)).card == card


@pytest.mark.parametrize("wrong", ["--steps 0", "--batch 3", "--rate 0", "--count 2"])
def test_options_out_of_range_are_refused(
    wrong: str, people: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(f"quantise --model portrait_fast --data {people} {wrong}".split()) == 2
    assert "wanted" in capsys.readouterr().err


def test_both_schemes_are_offered() -> None:
    assert set(SCHEMES) == {"cpu", "tensorrt"}
