from __future__ import annotations

import copy

import pytest
import torch

from convert.errors import ConversionError
from convert.networks import make
from convert.networks.fusing import fuse, fused, unfuse
from tests.unit.convert.tiny import Tiny, picture, settled


def test_fused_and_unfused_give_the_same_maps() -> None:
    network = make("u2netp")
    settled(network)
    folded = copy.deepcopy(network)
    fuse(folded)
    assert fused(folded)
    assert not fused(network)
    assert not any("bn_s1" in key for key in folded.state_dict())
    with torch.no_grad():
        for ours, theirs in zip(folded(picture(64, 96)), network(picture(64, 96)), strict=True):
            assert (ours - theirs).abs().max() < 1e-4 * theirs.abs().max()


def test_batch_norms_come_back_and_change_nothing() -> None:
    network = make("u2netp")
    settled(network)
    keys = list(network.state_dict())
    rgb = picture(64, 96)
    with torch.no_grad():
        wanted = network(rgb)[0]
        fuse(network)
        unfuse(network, [picture(64, 96, seed) for seed in range(3)])
        found = network(rgb)[0]
    assert list(network.state_dict()) == keys
    assert (found - wanted).abs().max() < 1e-4 * wanted.abs().max()


def test_calibrated_batch_norms_hold_in_training_mode_too() -> None:
    """The batch's own statistics take over there; they are those that were measured."""
    network = Tiny()
    settled(network)
    fuse(network)
    rgb = picture(64, 64)
    with torch.no_grad():
        wanted = network(rgb)[0]
        unfuse(network, [rgb[..., :32], rgb[..., 32:]])
        found = network.train()(rgb)[0]
    assert (found - wanted).abs().max() < 0.05 * wanted.abs().max()


def test_unfusing_keeps_the_mode_and_leaves_no_hooks() -> None:
    network = Tiny().train()
    fuse(network)
    unfuse(network, [picture(16, 16)])
    assert network.training
    assert network.block.bn_s1.training
    assert not network.block.conv_s1._forward_hooks


def test_without_pictures_there_is_nothing_to_calibrate_on() -> None:
    network = Tiny()
    fuse(network)
    with pytest.raises(ConversionError, match="there were none"):
        unfuse(network, [])


def test_a_network_that_gives_nan_is_not_calibrated() -> None:
    network = Tiny()
    fuse(network)
    network.block.conv_s1.weight.data[0] = torch.nan
    with pytest.raises(ConversionError, match="not finite"):
        unfuse(network, [picture(16, 16)])
