"""What a run starts from: weights that are had, or words that say they were not."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import torch

from convert.errors import WeightsError
from convert.networks import make
from edge.errors import ModelMissing
from edge.zoo import Zoo
from tests.unit.convert.tiny import classifier
from train.errors import ConfigError
from train.fit.start import start


@pytest.mark.parametrize("name", ["deeplabv3plus", "rmbg"])
def test_the_official_file_loads_into_the_encoder_alone(name: str, tmp_path: Path) -> None:
    state = classifier()
    torch.save(state, tmp_path / "resnet50.pth")
    network = make(name)
    before = {key: value.clone() for key, value in network.state_dict().items()}
    said = start(network, f"imagenet:{tmp_path / 'resnet50.pth'}", [])
    assert "from ResNet50 trained on ImageNet" in said
    for key, value in network.state_dict().items():
        inside = key.startswith("encoder.")
        wanted = state[key.removeprefix("encoder.")] if inside else before[key]
        assert torch.equal(value, wanted), key


def test_where_they_cannot_be_had_it_is_from_scratch_and_said_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def out_of_reach(self: Zoo, asset_id: str) -> Path:
        raise ModelMissing(f"{asset_id} is not on this machine, and no source gave it")

    monkeypatch.setattr(Zoo, "path", out_of_reach)
    with caplog.at_level(logging.WARNING):
        said = start(make("rmbg"), "imagenet", [])
    assert said.startswith("from scratch, for no source gave the ImageNet weights")
    assert "resnet50 is not on this machine" in caplog.text


def test_a_network_without_that_encoder_says_so() -> None:
    with pytest.raises(ConfigError, match="u2netp does not begin with ResNet50"):
        start(make("u2netp"), "imagenet", [])


def test_the_projects_own_weights_have_their_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    source, network = make("portrait_fast"), make("portrait_fast")
    torch.save(source.state_dict(), tmp_path / "mine.pth")
    monkeypatch.setattr("train.fit.start.OWN", tmp_path)
    assert start(network, "mine", []) == "from the project's own weights"
    for key, value in source.state_dict().items():
        assert torch.equal(network.state_dict()[key], value)


def test_weights_of_another_network_are_refused_by_name(tmp_path: Path) -> None:
    torch.save(make("u2netp").state_dict(), tmp_path / "u2netp.pth")
    with pytest.raises(WeightsError, match=r"u2netp\.pth: not the weights of rmbg"):
        start(make("rmbg"), str(tmp_path / "u2netp.pth"), [])


def test_what_is_nowhere_is_told_with_what_there_is() -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.pth: no such file, and .*there are .*u2netp"):
        start(make("rmbg"), "nowhere.pth", [])
