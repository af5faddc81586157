from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from convert.networks.fusing import fuse, fused
from convert.networks.portrait_fast import PortraitFast
from convert.networks.u2net import U2NetP
from tests.unit.convert.tiny import picture, settled


@pytest.mark.parametrize("folded", [False, True])
def test_begins_as_u2netp_on_the_half_size_picture(folded: bool) -> None:
    source, network = U2NetP(), PortraitFast().eval()
    settled(source)
    if folded:
        fuse(source)
    network.initialise(source)
    rgb = picture(128, 192)
    with torch.no_grad():
        small = source(functional.avg_pool2d(rgb, 2))
        wanted = functional.interpolate(small[0], scale_factor=2.0, mode="bilinear")
        found = network(rgb)[0]
    assert fused(network.trunk) is folded
    scale = wanted.abs().max()
    assert (found - wanted).abs().max() < 1e-4 * scale


def test_one_pixel_of_the_picture_can_change_one_pixel_of_the_matte() -> None:
    """The head works at half resolution, and yet tells the four pixels of a block apart."""
    torch.manual_seed(0)
    network = PortraitFast()
    settled(network)
    torch.nn.init.normal_(network.residual.weight)
    rgb = picture(64, 64)
    touched = rgb.clone()
    touched[0, :, 31, 31] = 1 - touched[0, :, 31, 31]
    with torch.no_grad():
        change = (network(touched)[0] - network(rgb)[0])[0, 0, 30:32, 30:32]
    assert change.flatten().unique().numel() == 4


def test_the_head_learns_though_it_begins_at_zero() -> None:
    network = PortraitFast()
    network(picture(128, 128))[0].sum().backward()
    gradient = network.residual.weight.grad
    assert gradient is not None
    assert gradient.abs().max() > 0
