from __future__ import annotations

import os
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch

from convert import weights
from convert.errors import WeightsError
from convert.networks import make
from convert.networks.fusing import fuse, fused
from edge.errors import StorageError
from tests.unit.convert.tiny import Tiny, picture, same, settled, trained


def saved(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "weights.pth"
    torch.save(content, path)
    return path


def test_a_state_dict_loads_key_for_key(tmp_path: Path) -> None:
    network, source = Tiny(), trained()
    weights.load(network, saved(tmp_path, source.state_dict()))
    assert same(network, source)


def test_the_format_of_the_published_files_loads(tmp_path: Path) -> None:
    """Torch before 1.6 wrote no zip; and its batch norms did not count batches."""
    source = trained()
    state = {k: v for k, v in source.state_dict().items() if not k.endswith("batches_tracked")}
    path = tmp_path / "u2netp.pth"
    torch.save(state, path, _use_new_zipfile_serialization=False)
    network = Tiny()
    weights.load(network, path)
    assert same(network, source)


@pytest.mark.parametrize("nest", ["state_dict", "model", "network"])
def test_a_checkpoint_of_a_parallel_training_loads(tmp_path: Path, nest: str) -> None:
    source = trained()
    state = {f"module.{key}": value for key, value in source.state_dict().items()}
    network = Tiny()
    weights.load(network, saved(tmp_path, {nest: state, "epoch": 3}))
    assert same(network, source)


def test_weights_without_batch_norms_make_the_network_fused(tmp_path: Path) -> None:
    network, source = Tiny(), trained()
    fuse(source)
    weights.load(network, saved(tmp_path, source.state_dict()))
    assert fused(network)
    assert same(network, source)


def test_the_official_u2netp_loads(tmp_path: Path) -> None:
    network, source = make("u2netp"), make("u2netp")
    settled(source)
    weights.load(network, saved(tmp_path, source.state_dict()))
    network.eval()
    with torch.no_grad():
        assert torch.equal(network(picture(32, 32))[0], source(picture(32, 32))[0])


def test_wrong_keys_and_shapes_are_listed_and_change_nothing(tmp_path: Path) -> None:
    state = trained().state_dict()
    state["block.convolution.weight"] = state.pop("block.conv_s1.weight")
    state["side.weight"] = torch.zeros(1, 8, 3, 3)
    network, before = trained(), trained()
    with pytest.raises(WeightsError) as raised:
        weights.load(network, saved(tmp_path, state))
    told = str(raised.value)
    assert "not the weights of tiny" in told
    assert "missing: block.conv_s1.weight" in told
    assert "unknown: block.convolution.weight" in told
    assert "side.weight (1, 8, 3, 3) for (1, 4, 3, 3)" in told
    assert same(network, before)


def test_many_wrong_keys_are_counted(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="and 680 more"):
        weights.load(make("u2netp"), saved(tmp_path, {"a.running_mean": torch.zeros(1)}))


def test_a_pickle_that_would_run_code_is_refused_and_does_not(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(tmp_path / "sprung"),)

    torch.save({"side.weight": Trap()}, tmp_path / "a.pth")
    with pytest.raises(WeightsError, match=r"not a plain state dict: it holds posix\.mkdir"):
        weights.load(Tiny(), tmp_path / "a.pth")
    (tmp_path / "b.pth").write_bytes(pickle.dumps({"side.weight": Trap()}, protocol=2))
    with pytest.raises(WeightsError, match=r"b\.pth: .*(posix\.mkdir|nothing in it was run)"):
        weights.load(Tiny(), tmp_path / "b.pth")
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("content", [[1, 2], {"epoch": 3}, {}, torch.zeros(3), {1: torch.zeros(1)}])
def test_what_is_no_state_dict_is_named(tmp_path: Path, content: object) -> None:
    with pytest.raises(WeightsError, match="wanted a state dict"):
        weights.load(Tiny(), saved(tmp_path, content))


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("kept", [0.0, 0.02, 0.5, 0.98])
def test_a_truncated_file_is_told(tmp_path: Path, kept: float, zipped: bool) -> None:
    path = tmp_path / "cut.pth"
    torch.save(trained().state_dict(), path, _use_new_zipfile_serialization=zipped)
    content = path.read_bytes()
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(WeightsError, match="cut.pth"):
        weights.load(Tiny(), path)


def test_noise_is_no_weights(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    for name in ("noise.pth", "noise.onnx"):
        for size in (1, 100, 5000):
            (tmp_path / name).write_bytes(generator.bytes(size))
            with pytest.raises(WeightsError, match=name):
                weights.load(Tiny(), tmp_path / name)


def test_weights_that_are_not_finite_are_refused(tmp_path: Path) -> None:
    state = trained().state_dict()
    state["side.bias"][0] = torch.inf
    with pytest.raises(WeightsError, match="not finite: side.bias"):
        weights.load(Tiny(), saved(tmp_path, state))


@pytest.mark.parametrize("name", ["nowhere.pth", "nowhere.onnx", "."])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(StorageError, match="wanted weights"):
        weights.load(Tiny(), tmp_path / name)
