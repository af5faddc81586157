"""The encoder is torchvision's ResNet50, so that its weights load key for key."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from convert import weights
from convert.errors import WeightsError
from convert.networks import make
from convert.networks.fusing import fuse, fused, unfuse
from convert.networks.resnet50 import OnResNet50, ResNet50
from edge.errors import StorageError
from tests.unit.convert.tiny import classifier, picture, settled

BLOCKS = {1: (3, 64), 2: (4, 128), 3: (6, 256), 4: (3, 512)}  # of the paper: how many, mid width
NAMES = ("deeplabv3plus", "rmbg")


def official() -> dict[str, tuple[int, ...]]:
    """Keys and shapes of torchvision's resnet50-*.pth, in its order."""
    shapes: dict[str, tuple[int, ...]] = {}

    def pair(convolution: str, norm: str, given: int, out: int, kernel: int) -> None:
        shapes[f"{convolution}.weight"] = (out, given, kernel, kernel)
        for entry in ("weight", "bias", "running_mean", "running_var"):
            shapes[f"{norm}.{entry}"] = (out,)
        shapes[f"{norm}.num_batches_tracked"] = ()

    pair("conv1", "bn1", 3, 64, 7)
    given = 64
    for stage, (count, mid) in BLOCKS.items():
        for block in range(count):
            key = f"layer{stage}.{block}"
            pair(f"{key}.conv1", f"{key}.bn1", given, mid, 1)
            pair(f"{key}.conv2", f"{key}.bn2", mid, mid, 3)
            pair(f"{key}.conv3", f"{key}.bn3", mid, 4 * mid, 1)
            if block == 0:
                pair(f"{key}.downsample.0", f"{key}.downsample.1", given, 4 * mid, 1)
            given = 4 * mid
    return shapes


@pytest.mark.parametrize("dilated", [False, True])
def test_the_state_dict_has_torchvisions_keys_and_shapes_in_their_order(dilated: bool) -> None:
    with torch.device("meta"):
        encoder = ResNet50(dilated=dilated)
    own = {key: tuple(value.shape) for key, value in encoder.state_dict().items()}
    assert list(own.items()) == list(official().items())
    classifier = 2048 * 1000 + 1000
    assert sum(p.numel() for p in encoder.parameters()) == 25_557_032 - classifier


@pytest.mark.parametrize(("dilated", "deepest"), [(False, (2048, 2, 4)), (True, (2048, 4, 8))])
def test_each_stage_halves_and_a_dilated_one_looks_further_instead(
    dilated: bool, deepest: tuple[int, int, int]
) -> None:
    with torch.device("meta"):
        encoder = ResNet50(dilated=dilated)
        maps = encoder(torch.empty(1, 3, 64, 128))
    shapes = [tuple(each.shape[1:]) for each in maps]
    assert shapes == [(64, 32, 64), (256, 16, 32), (512, 8, 16), (1024, 4, 8), deepest]
    last = encoder.get_submodule("layer4")
    looks = [last.get_submodule(f"{block}.conv2").dilation[0] for block in range(3)]
    assert looks == ([1, 2, 2] if dilated else [1, 1, 1])


def test_another_file_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    state = classifier()
    del state["layer2.0.conv1.weight"]
    torch.save(state, tmp_path / "other.pth")
    encoder = ResNet50(3)
    before = {key: value.clone() for key, value in encoder.state_dict().items()}
    with pytest.raises(WeightsError, match=r"not the weights of resnet50.*layer2\.0\.conv1"):
        weights.load_encoder(encoder, tmp_path / "other.pth")
    with pytest.raises(StorageError, match=r"none\.pth: No such file"):
        weights.load_encoder(encoder, tmp_path / "none.pth")
    assert all(torch.equal(before[key], value) for key, value in encoder.state_dict().items())


@pytest.mark.parametrize("name", NAMES)
def test_fused_and_calibrated_again_it_has_its_keys_and_gives_the_same(name: str) -> None:
    network = make(name)
    assert isinstance(network, OnResNet50)
    settled(network)
    keys = list(network.state_dict())
    rgb = picture(32, 48)
    with torch.no_grad():
        wanted = network(rgb)[0]
        fuse(network)
        assert fused(network)
        folded = network(rgb)[0]
        unfuse(network, [picture(32, 48, seed) for seed in range(3)])
        again = network(rgb)[0]
    assert sorted(network.state_dict()) == sorted(keys)
    apart = float(wanted.std())
    assert (folded - wanted).abs().max() < 1e-3 * apart
    assert (again - wanted).abs().max() < 1e-3 * apart
