"""The model under evaluation, from a spec, a graph or a checkpoint."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from convert.errors import SizeError, WeightsError
from convert.networks import make
from edge.drawn.presenter import paint
from edge.errors import ModelError, ModelMissing, UnknownName
from edge.frame import Frame
from train.evaluate import TorchModel, load_checkpoint, load_model
from train.fit import checkpoint

MODELS = Path(__file__).resolve().parents[3] / "models"
FRAME = Frame(paint(20, (320, 192))[0], 0, 0)


@pytest.fixture
def state() -> dict[str, torch.Tensor]:
    torch.manual_seed(3)
    return make("u2netp").eval().state_dict()


def test_a_checkpoint_of_a_fit_says_which_network_it_is(tmp_path: Path, state):
    checkpoint.save(tmp_path / "best.pt", {"state_dict": state, "network": "u2netp"})
    model = load_model(str(tmp_path / "best.pt"), (96, 64))
    assert isinstance(model, TorchModel)
    assert model.name == "u2netp 64x96, PyTorch"
    assert model.matte(FRAME).alpha.shape == (64, 96)


def test_the_network_of_plain_weights_is_found_out(tmp_path: Path, state):
    torch.save(state, tmp_path / "weights.pth")
    assert load_checkpoint(tmp_path / "weights.pth", (96, 64)).name.startswith("u2netp ")


def test_alpha_is_the_sigmoid_of_the_fused_map_of_the_stretched_frame(state):
    network = make("u2netp")
    network.load_state_dict(state)
    small = cv2.resize(FRAME.image, (96, 64), interpolation=cv2.INTER_LINEAR)
    rgb = torch.from_numpy(small).permute(2, 0, 1)[None].float() / 255
    with torch.inference_mode():
        wanted = torch.sigmoid(network.eval()(rgb)[0])[0, 0].numpy()
    found = TorchModel(network, (96, 64)).matte(FRAME).alpha
    assert found.dtype == np.float32
    assert np.abs(found - wanted).max() < 1e-6


def test_a_checkpoint_and_the_graph_made_of_it_give_the_same_matte():
    pytest.importorskip("onnxruntime")
    graphs = sorted(MODELS.glob("portrait_fast-fp32.onnx"))
    if not graphs:
        pytest.skip("models/ has no fp32 graph of portrait_fast")
    graph, weights = (load_model(str(path)) for path in (graphs[0], MODELS / "portrait_fast.pth"))
    assert np.abs(graph.matte(FRAME).alpha - weights.matte(FRAME).alpha).max() < 1e-3


def test_any_spec_of_the_service_is_taken():
    assert load_model("constant:0.25").matte(FRAME).alpha.flat[0] == 0.25
    with pytest.raises(UnknownName, match="no such kind"):
        load_model("nothing:")


def test_what_is_wrong_with_a_checkpoint_is_said(tmp_path: Path, state):
    with pytest.raises(ModelMissing, match="no such checkpoint"):
        load_model(str(tmp_path / "best.pt"))
    (tmp_path / "cut.pt").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(WeightsError, match="damaged"):
        load_model(str(tmp_path / "cut.pt"))
    torch.save({"weight": torch.zeros(3)}, tmp_path / "other.pt")
    with pytest.raises(WeightsError, match="not the weights of .*u2netp.*--network"):
        load_model(str(tmp_path / "other.pt"))
    torch.save(state, tmp_path / "good.pt")
    with pytest.raises(WeightsError, match="not the weights of portrait_fast"):
        load_checkpoint(tmp_path / "good.pt", (128, 64), "portrait_fast")
    with pytest.raises(UnknownName, match="no such network"):
        load_checkpoint(tmp_path / "good.pt", (128, 64), "vgg")


def test_a_size_the_network_cannot_run_at_is_refused_before_any_picture(tmp_path: Path, state):
    torch.save(state, tmp_path / "good.pt")
    with pytest.raises(SizeError, match="multiples of 32"):
        load_checkpoint(tmp_path / "good.pt", (100, 64))


def test_a_failure_of_pytorch_becomes_ours(state):
    network = make("u2netp")

    def fail(rgb: torch.Tensor) -> list[torch.Tensor]:
        raise RuntimeError("out of memory\nand a long trace")

    network.forward = fail
    with pytest.raises(ModelError, match="u2netp 64x96, PyTorch: out of memory$"):
        TorchModel(network, (96, 64)).matte(FRAME)
